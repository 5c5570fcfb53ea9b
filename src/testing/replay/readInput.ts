/** Reads from the real sources of a job what lies between two checkpoints. */
import { randomUUID } from 'node:crypto'
import { memoryStorage } from '../../checkpoint/memoryStorage.ts'
import { defaultCheckpointSettings } from '../../checkpoint/settings.ts'
import { abortController, othersTurn, systemClock } from '../../clock.ts'
import type { Plan } from '../../contracts/plan.ts'
import type { Source } from '../../contracts/source.ts'
import { FatalError } from '../../errors.ts'
import { attemptContext, type OwnedAttempt } from '../../job/attemptContext.ts'
import type { Job } from '../../job/defineJob.ts'
import { buildPipeline } from '../../job/pipeline.ts'
import type { Header, OperatorId, Split, SplitOffset } from '../../record.ts'
import { testServices } from '../testServices.ts'

/** Record as a source of the job has decoded it. */
export interface InputRecord {
  /** Id of the source. */
  readonly source: OperatorId
  /** Topic that it lies in. */
  readonly topic: string
  /** Number of its partition. */
  readonly partition: number
  /** Offset in the partition. */
  readonly offset: number
  /** Value, as the codec of the source decodes it. */
  readonly value: unknown
  /** Timestamp of the record in its source, ms since the epoch. */
  readonly timestamp: number
  /** Key, as the codec of the source decodes it. */
  readonly key: unknown
  /** Headers in their order. */
  readonly headers: readonly Header[]
}

export interface Input {
  /**
   * In the order of timestamps, as far as the order of each partition allows: in which order
   * partitions were read, nobody has kept.
   */
  readonly records: readonly InputRecord[]
  /** Number of records that could not be decoded. */
  readonly refused: number
}

type Positions = ReadonlyMap<OperatorId, readonly SplitOffset[]>

export interface InputRange {
  readonly from: Positions
  readonly to: Positions
  readonly shard: number
  /** Table of slots; null for a job without a plan. */
  readonly slots: readonly number[] | null
}

/**
 * Writes nothing. Rejects with Fatal CANNOT_REPLAY for a job with repartition topics, and with
 * errors of the sources: the topic may have removed the records.
 */
export async function readInput(job: Job, range: InputRange): Promise<Input> {
  const { feeds, repartitions } = buildPipeline(job, memoryStorage())
  if (repartitions) throw inTheMiddle(job.name)
  const over = abortController()
  const attempt = contextOf(job, range, over.signal)
  try {
    const read = []
    for (const { source } of feeds) read.push(await readSource(attempt, source, range))
    return {
      records: merged(read.flatMap(({ splits }) => splits)),
      refused: read.reduce((sum, one) => sum + one.refused, 0),
    }
  } finally {
    over.abort()
    await attempt.closeAll()
  }
}

async function readSource(attempt: OwnedAttempt, source: Source<unknown>, { from, to }: InputRange) {
  const splits = new Map<string, InputRecord[]>()
  let refused = 0
  const ends = new Map((to.get(source.id) ?? []).map((split) => [nameOf(split), split.offset]))
  const endOf = (split: Split): number => ends.get(nameOf(split)) ?? 0
  const reader = await attempt.openResource(source)
  await reader.seek(from.get(source.id) ?? [])
  const isThrough = (): boolean => reader.position().every((split) => split.offset >= endOf(split))
  reader.hold?.((split) => {
    const at = reader.position().find((one) => nameOf(one) === nameOf(split))
    return (at?.offset ?? 0) >= endOf(split)
  })
  while (!isThrough()) {
    const answer = await reader.poll()
    reader.drain(
      (value, timestamp, key, headers, { topic, partition }, offset) => {
        if (offset >= endOf({ topic, partition })) return
        const name = nameOf({ topic, partition })
        const records = splits.get(name) ?? []
        splits.set(name, records)
        records.push({ source: source.id, topic, partition, offset, value, timestamp, key, headers })
      },
      ({ split, offset }) => {
        if (offset < endOf(split)) refused += 1
      },
    )
    if (answer === 'end') break
    await othersTurn()
  }
  return { splits: [...splits.values()], refused }
}

/** The oldest of all heads comes next. */
function merged(splits: readonly (readonly InputRecord[])[]): readonly InputRecord[] {
  const rests = splits.map((records) => ({ records, next: 0 }))
  const all: InputRecord[] = []
  for (;;) {
    let oldest: InputRecord | undefined
    let from: (typeof rests)[number] | undefined
    for (const rest of rests) {
      const head = rest.records[rest.next]
      if (head === undefined || (oldest !== undefined && head.timestamp >= oldest.timestamp)) continue
      oldest = head
      from = rest
    }
    if (oldest === undefined || from === undefined) return all
    all.push(oldest)
    from.next += 1
  }
}

function contextOf(job: Job, { shard, slots }: InputRange, signal: AbortSignal): OwnedAttempt {
  const plan: Plan | undefined = slots === null ? undefined : { number: 1, lineage: '', slots, owners: [], members: {} }
  const identity = {
    ...{ job: job.name, shard, shards: slots === null ? 1 : Math.max(...slots) + 1, plan },
    ...{ execution: randomUUID(), attempt: randomUUID(), allowDroppedState: false },
  }
  return attemptContext(identity, defaultCheckpointSettings, {
    ...{ clock: systemClock, signal, badRecords: testServices().badRecords },
    ...{ probe: () => undefined, fail: () => undefined, tell: () => undefined },
  })
}

function nameOf({ topic, partition }: Split): string {
  return `${topic}/${partition}`
}

function inTheMiddle(job: string): FatalError {
  return new FatalError('CANNOT_REPLAY', 'the job has a repartition topic, and its shards read what others write', {
    where: { job },
    hint: 'Replay works for jobs without repartition topics. Split the job in two, or test it with testJob',
  })
}
