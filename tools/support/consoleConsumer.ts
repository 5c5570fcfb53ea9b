/**
 * The oracle of the broker tests: what Kafka's own console consumer sees in a topic, from the beginning. Readers written for Node can
 * hide duplicates and let aborted records through; this one decides.
 *
 * It is told to end when it has reported, through its consumer group, to have read up to the end of every partition: so it neither
 * waits for silence nor stops too early. The count that it prints itself must agree with what was parsed.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Admin } from 'kafkajs'
import { kafkaCluster } from '../../src/kafka/cluster.ts'
import type { Isolation } from '../../src/kafka/protocol/listOffsets.ts'
import { type ConsoleProcess, consoleProcess } from './consoleProcess.ts'
import type { ConsumedRecord } from './consoleRecords.ts'
import { javaAvailable } from './javaTool.ts'
import { topicEnds } from './topicEnds.ts'

export type { ConsumedRecord } from './consoleRecords.ts'

export interface ConsumeOptions {
  /** Default read_committed. */
  readonly isolation?: Isolation
  /**
   * 'end': everything that is there now; waits until all transactions in it are decided. 'decided': only up to the first open
   * transaction of each partition. Default 'end'.
   */
  readonly upTo?: 'end' | 'decided'
  /** ms, default 60,000 */
  readonly timeout?: number
}

/** Java is there, and so are the jars, or they have now been fetched. */
export const oracleAvailable = javaAvailable

const reporting = ['--consumer-property', 'auto.commit.interval.ms=50']

/** The records of each partition in order, one partition after the other. */
export async function consoleConsume(
  brokers: readonly string[],
  topic: string,
  { isolation = 'read_committed', upTo = 'end', timeout = 60_000 }: ConsumeOptions = {},
): Promise<readonly ConsumedRecord[]> {
  const group = `console-${randomUUID()}`
  const ends = await topicEnds(brokers, topic, upTo === 'end' ? 'read_uncommitted' : 'read_committed')
  // A consumer that is told to end before it has begun does not even say that there was nothing.
  if (ends.every((end) => end === 0)) return []
  const where = ['--bootstrap-server', brokers.join(','), '--topic', topic, '--from-beginning', '--group', group]
  const consumer = await consoleProcess([...where, ...reporting, '--isolation-level', isolation])
  const admin = kafkaCluster({ brokers }).admin()
  try {
    await admin.connect()
    await untilRead(admin, group, topic, ends, Date.now() + timeout, consumer)
    const records = await consumer.end()
    await admin.deleteGroups([group])
    return records.sort((a, b) => a.partition - b.partition)
  } finally {
    consumer.kill()
    await admin.disconnect()
  }
}

async function untilRead(
  admin: Admin,
  groupId: string,
  topic: string,
  ends: readonly number[],
  deadline: number,
  consumer: ConsoleProcess,
): Promise<void> {
  for (;;) {
    const positions = await positionsOf(admin, groupId, topic)
    const left = ends.flatMap((end, partition) => {
      const position = positions.get(partition) ?? 0
      return position < end ? [`partition ${partition} at ${position} of ${end}`] : []
    })
    if (left.length === 0) return
    if (consumer.failure !== null) throw new Error(`the console consumer ended: ${consumer.failure}`)
    if (Date.now() > deadline) throw new Error(`not read up to the end: ${left.join(', ')}. Is a transaction open?`)
    await pause(50)
  }
}

/** Up to where the group has read. The first group on a broker has no coordinator for a moment. */
async function positionsOf(admin: Admin, groupId: string, topic: string): Promise<ReadonlyMap<number, number>> {
  try {
    const [read] = await admin.fetchOffsets({ groupId, topics: [topic] })
    return new Map(read?.partitions.map(({ partition, offset }) => [partition, Number(offset)]))
  } catch (error) {
    if ((error as { readonly retriable?: boolean }).retriable === true) return new Map()
    throw error
  }
}
