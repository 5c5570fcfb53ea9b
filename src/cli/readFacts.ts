/** Reads from the cluster all that is known of a job. Writes nothing, and disturbs nobody. */
import { decodeEntry } from '../checkpoint/ledgerCodec.ts'
import { ledgerTopicName } from '../checkpoint/names.ts'
import { FatalError } from '../errors.ts'
import { latest } from '../kafka/protocol/listOffsets.ts'
import { type RecentRecord, recentRecords } from '../kafka/reading/recentRecords.ts'
import { splitOffsets } from '../kafka/reading/splitOffsets.ts'
import type { Split } from '../record.ts'
import type { Facts, LedgerFact } from './jobStatus.ts'
import { partitionsOf, type Reading } from './reading.ts'
import { readPlan } from './readPlan.ts'

export interface JobAddress {
  readonly job: string
  /** Prefix of the job's topics: `transactionalIdPrefix` of its sinks. */
  readonly prefix: string
}

/** Offsets before the end that are read first: entries, each with a transaction marker. */
const tail = 64

/** Rejects with Fatal JOB_NOT_FOUND if there is no ledger topic of this name. */
export async function readFacts(reading: Reading, { job, prefix }: JobAddress): Promise<Facts> {
  const topic = ledgerTopicName(prefix, job)
  const partitions = await partitionsOf(reading, topic)
  if (partitions === null) throw notFound(job, topic)
  const read = Array.from({ length: partitions }, (_, shard) => readLedger(reading, { topic, partition: shard }))
  const [planned, ...ledger] = await Promise.all([readPlan(reading, prefix, job), ...read])
  const listed = ledger.flatMap((fact) => fact?.entry.positions.flatMap((one) => one.splits) ?? [])
  // Of a source that every shard reads, each names the same splits, and brokers refuse doubles.
  const splits = [...new Map(listed.map((split) => [nameOf(split), split])).values()]
  const ends = await endsOf(reading, splits)
  return {
    job,
    ...planned,
    ledger,
    endOf: (split) => ends.get(nameOf(split)) ?? null,
    now: reading.attempt.clock.now(),
  }
}

async function readLedger(reading: Reading, split: Split): Promise<LedgerFact | null> {
  const place = `topic ${split.topic}, partition ${split.partition}`
  const records = await recentRecords(reading, split, tail)
  const entries = records.flatMap((record) => (record.value === null ? [] : [decoded(record, record.value, place)]))
  const last = entries.at(-1)
  if (last === undefined) return null
  // A takeover signs the same checkpoint again: it is as old as its first entry.
  const first = entries.find(({ entry }) => entry.checkpoint === last.entry.checkpoint) ?? last
  return { entry: last.entry, committedAt: first.timestamp < 0 ? null : first.timestamp }
}

function decoded({ timestamp }: RecentRecord, value: Buffer, place: string) {
  return { entry: decodeEntry(value, place), timestamp }
}

/** Ends as a job reads: up to the first open transaction. Without topics that do not exist. */
async function endsOf(reading: Reading, splits: readonly Split[]): Promise<ReadonlyMap<string, number>> {
  const names = [...new Set(splits.map(({ topic }) => topic))]
  const known = new Map<string, number>()
  for (const name of names) known.set(name, (await partitionsOf(reading, name)) ?? 0)
  const found = splits.filter(({ topic, partition }) => partition < (known.get(topic) ?? 0))
  const { attempt, connections, leaders } = reading
  const ends = await splitOffsets(attempt, connections, leaders, found, latest, 'read_committed')
  return new Map(found.map((split, at) => [nameOf(split), ends[at] as number]))
}

function nameOf({ topic, partition }: Split): string {
  return `${topic}/${partition}`
}

function notFound(job: string, topic: string): FatalError {
  return new FatalError('JOB_NOT_FOUND', `the cluster has no ledger topic of the job "${job}"`, {
    where: { topic },
    hint: 'Check the name, the brokers and --prefix, which is transactionalIdPrefix of the sinks. A job that has never started has no ledger, and one without a Kafka sink has it elsewhere',
  })
}
