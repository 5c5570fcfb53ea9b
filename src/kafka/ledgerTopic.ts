/**
 * The ledger topic of a job: compacted, one partition a shard, so that nobody else's open transaction can hide an entry. An entry is
 * a record with the shard as its key; the last committed one counts.
 *
 *   offsets  ... [entry 41][marker][entry 42][marker]  <- end
 *                                   ^ read from here first: the last entry is near the end, however long the topic is
 */
import { decodeEntry, encodeEntry } from '../checkpoint/ledgerCodec.ts'
import type { LedgerEntry } from '../checkpoint/ledger.ts'
import type { AttemptContext } from '../element.ts'
import { FatalError, RetriableError } from '../errors.ts'
import { createBatchBuilder } from './batch/batchBuilder.ts'
import { committedRecords } from './batch/committedRecords.ts'
import { brokerError, isRefused } from './brokerErrors.ts'
import type { KafkaCluster } from './cluster.ts'
import type { Connections } from './connections.ts'
import type { Leaders } from './leaders.ts'
import { patience } from './patience.ts'
import type { Parcel } from './producer.ts'

export interface LedgerTopic {
  readonly name: string
  /** Creates the topic where it is missing. Rejects with Fatal LEDGER_TOPIC_MISSING where that is not allowed. */
  ensure(): Promise<void>
  /**
   * The last committed entry. 'fenced': after a fence, when all that was ever written is committed or aborted: reads up to the very
   * end and waits for it if need be. 'committed': up to what is decided now.
   */
  read(until: 'fenced' | 'committed'): Promise<LedgerEntry | null>
  /** The entry as something to send. */
  parcel(entry: LedgerEntry): Parcel
}

/** How many offsets before the end are looked at first; eight times more each time that no entry is among them. */
const tail = 64

export function ledgerTopic(
  attempt: AttemptContext,
  cluster: KafkaCluster,
  connections: Connections,
  leaders: Leaders,
  prefix: string,
): LedgerTopic {
  const name = `${prefix}-${attempt.job}-ledger`
  const partition = attempt.shard
  const key = Buffer.from(`${prefix}/${attempt.job}/${attempt.shard}`)
  const place = `topic ${name}, partition ${partition}`

  /** Asks the partition's leader, again for as long as it refuses or there is none. */
  async function ask<R>(request: (leader: number) => Promise<R>, errorOf: (answer: R) => number, api: string): Promise<R> {
    const waiting = patience(attempt.clock, attempt.signal)
    for (;;) {
      const answer = await request(await leaders.leader(name, partition))
      const code = errorOf(answer)
      if (code === 0) return answer
      const error = brokerError(code, api, { topic: name, partition })
      if (!isRefused(code)) throw error
      await waiting.after(error)
      await leaders.refresh()
    }
  }

  async function offset(timestamp: number, isolation: Isolation): Promise<number> {
    const args = { isolation, partitions: [{ topic: name, partition, timestamp }] }
    const answer = await ask(
      (leader) => connections.call(leader, listOffsets, args),
      ([found]) => found?.errorCode ?? -1,
      'ListOffsets',
    )
    return (answer[0] as ListedOffset).offset
  }

  /** The last entry in [from, end), or null. */
  async function lastEntry(from: number, end: number): Promise<LedgerEntry | null> {
    const { topicId } = await leaders.topic(name)
    const waiting = patience(attempt.clock, attempt.signal)
    let last: LedgerEntry | null = null
    for (let position = from; position < end; ) {
      const wanted = { topic: name, topicId, partition, offset: position, maxBytes: 1_048_576 }
      const args = { maxWait: 100, minBytes: 1, maxBytes: 1_048_576, partitions: [wanted] }
      const answer = await ask(
        (leader) => connections.call(leader, fetch, args),
        ([found]) => found?.errorCode ?? -1,
        'Fetch',
      )
      const found = answer[0] as FetchedPartition
      const next = committedRecords(found, { topic: name, partition }, position, (record) => {
        if (record.keyBytes()?.equals(key)) last = decodeEntry(record.valueBytes() ?? Buffer.alloc(0), place)
      })
      if (next === position) {
        // Markers of a transaction that has just ended are still on their way into the log.
        await waiting.after(new RetriableError('LEDGER_BEHIND', `the ledger cannot be read up to its end ${end}`, { where: { topic: name, partition, offset: position } }))
      }
      position = next
    }
    return last
  }

  return {
    name,
    async ensure() {
      await ensureTopic(attempt, cluster, connections, leaders, name)
    },
    async read(until) {
      const start = await offset(earliest, 'read_uncommitted')
      const end = await offset(latest, until === 'fenced' ? 'read_uncommitted' : 'read_committed')
      for (let length = tail; ; length *= 8) {
        const from = Math.max(start, end - length)
        const entry = await lastEntry(from, end)
        if (entry !== null || from === start) return entry
      }
    },
    parcel(entry) {
      const builder = createBatchBuilder({ compression: 'none' })
      builder.append(attempt.clock.now(), key, encodeEntry(entry), [])
      return { topic: name, partition, builder }
    },
  }
}
