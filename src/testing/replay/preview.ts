import { isDeepStrictEqual } from 'node:util'
import { memoryStorage } from '../../checkpoint/memoryStorage.ts'
import { systemClock } from '../../clock.ts'
import { changeOf, presentNames } from '../../job/change/jobChange.ts'
import type { Job } from '../../job/defineJob.ts'
import type { JobEvent } from '../../job/events.ts'
import { buildPipeline } from '../../job/pipeline.ts'
import { anObject, nonEmptyText, required } from '../../optionRules.ts'
import { checkOptions, type OptionRules } from '../../options.ts'
import type { OperatorId, StreamRecord } from '../../record.ts'
import { jobDriver } from '../job/jobDriver.ts'
import { virtualClock } from '../virtualClock.ts'
import { type InputRecord, readInput } from './readInput.ts'
import { push } from './replay.ts'
import { rangeBetween, type SavedCheckpoint, type SavedIn, savedCheckpoint, savedRules } from './savedCheckpoint.ts'
import { keysByOperator } from './stateDifferences.ts'

/** Options of `preview`. */
export interface PreviewOptions extends SavedIn {
  /** Version in production. */
  readonly against: Job
  /** Name of the savepoint from which both versions go on. */
  readonly from: string
  /** Name of a later savepoint: both read up to it. */
  readonly to: string
}

/** What a new version would have done otherwise than the version in production. */
export interface Preview {
  /** Whether any output differs. */
  readonly differs: boolean
  /** Number of records that both have read. */
  readonly records: number
  /** Number of records that could not be decoded; they are left out. */
  readonly refused: number
  /** Output by sink. */
  readonly sinks: readonly SinkPreview[]
  /** Late records that were dropped. */
  readonly late: Both
  /** Bad records that were skipped or became dead letters. */
  readonly bad: Both
  /** Records a second, on this machine, without sources and sinks. */
  readonly rate: Both
  /** Keys with state at the end, by operator. */
  readonly state: readonly (Both & { readonly operator: OperatorId })[]
}

/** A number of the version in production, and of the new one. */
export interface Both {
  /** That of the version in production. */
  readonly before: number
  /** That of the new version. */
  readonly after: number
}

/** Output of both versions to one sink, by key. */
export interface SinkPreview {
  /** Id of the sink in the new version, or in production if it is no longer there. */
  readonly sink: OperatorId
  /** Keys with equal output, in the same order. */
  readonly same: number
  /** Keys with other output. */
  readonly changed: number
  /** Keys to which only the version in production has written. */
  readonly missing: number
  /** Keys to which only the new version has written. */
  readonly added: number
  /** Some of the keys that differ. */
  readonly keys: readonly string[]
}

const rules: OptionRules<PreviewOptions> = {
  ...savedRules,
  against: required(anObject),
  from: required(nonEmptyText),
  to: required(nonEmptyText),
}

/** Number of keys that a preview names. */
const namedKeys = 10

/**
 * Runs a new version of a job over what production has processed between two savepoints, beside the
 * version in production, and compares the output by key. Nothing is written, and production does
 * not notice.
 *
 * ```ts
 * const range = { storage, from: 'monday', to: 'tuesday' }
 * const { differs, sinks } = await preview(next, { ...range, against: job })
 * ```
 *
 * What `replay` says about order and time of day holds here as well; both versions get the same.
 *
 * @throws BAD_OPTION if an option is wrong
 * @throws SAVEPOINT_MISSING, SHARD_MISSING if there is no such savepoint or shard
 * @throws CANNOT_REPLAY for a job with repartition topics
 */
export async function preview(job: Job, options: PreviewOptions): Promise<Preview> {
  checkOptions('preview', options, rules, { where: { job: job.name } })
  const { against, from, to, shard = 0 } = options
  const saved = { ...options, job: options.job ?? against.name }
  const begun = await savedCheckpoint(against, from, saved)
  const ended = await savedCheckpoint(against, to, saved)
  const range = rangeBetween(job.name, begun, ended)
  const { records, refused } = await readInput(against, { ...range, shard, slots: begun.kept.slots })
  const next = await savedCheckpoint(job, from, saved)
  const name = presentNames(changeOf(job), idsOf(begun, against))
  const before = await played(against, begun, records)
  const own = new Set(buildPipeline(job, memoryStorage()).feeds.map(({ source }) => source.id))
  // What a source that was dropped has read is not for the new version.
  const left = records
    .map((record) => ({ ...record, source: name(record.source) }))
    .filter(({ source }) => own.has(source))
  const after = await played(job, next, left)
  const sinks = sinkPreviews(before.output, after.output, name)
  return {
    differs: sinks.some(({ changed, missing, added }) => changed + missing + added > 0),
    ...{ records: records.length, refused, sinks },
    late: { before: before.late, after: after.late },
    bad: { before: before.bad, after: after.bad },
    rate: { before: before.rate, after: after.rate },
    state: statePreviews(before.keys, after.keys, name),
  }
}

interface Played {
  /** Values by key, by sink. */
  readonly output: ReadonlyMap<OperatorId, ReadonlyMap<string, readonly unknown[]>>
  readonly keys: ReadonlyMap<OperatorId, number>
  readonly late: number
  readonly bad: number
  readonly rate: number
}

async function played(
  job: Job,
  { kept, checkpoint }: SavedCheckpoint,
  records: readonly InputRecord[],
): Promise<Played> {
  const clock = virtualClock(kept.takenAt)
  const driver = jobDriver(job, { clock, restoreFrom: checkpoint })
  const begun = systemClock.monotonic()
  for (const record of records) push(driver, record)
  const elapsed = Math.max(1, systemClock.monotonic() - begun)
  await driver.checkpoint()
  const output = driver.sinks().map(({ id, committed }) => [id, byKey(committed)] as const)
  return {
    ...{ output: new Map(output), keys: keysByOperator(driver.tables()) },
    ...{ late: lateIn(driver.events), bad: badIn(driver.events) },
    rate: Math.round((records.length * 1_000) / elapsed),
  }
}

function byKey(records: readonly StreamRecord<unknown>[]): ReadonlyMap<string, readonly unknown[]> {
  const keys = new Map<string, unknown[]>()
  for (const { key, value } of records) {
    const values = keys.get(String(key)) ?? []
    keys.set(String(key), values)
    values.push(value)
  }
  return keys
}

function lateIn(events: readonly JobEvent[]): number {
  return sumOf(events, (event) => (event.type === 'late-records' ? Object.values(event.operators) : []))
}

function badIn(events: readonly JobEvent[]): number {
  return sumOf(events, (event) => (event.type === 'bad-records' ? [event.skipped, event.deadLetters] : []))
}

function sumOf(events: readonly JobEvent[], counts: (event: JobEvent) => readonly number[]): number {
  return events.flatMap(counts).reduce((sum, count) => sum + count, 0)
}

type Naming = (id: OperatorId) => OperatorId

function sinkPreviews(before: Played['output'], after: Played['output'], name: Naming): readonly SinkPreview[] {
  const former = new Map([...before].map(([sink, keys]) => [name(sink), keys]))
  return [...new Set([...former.keys(), ...after.keys()])].map((sink) => {
    const [old, young] = [former.get(sink) ?? new Map(), after.get(sink) ?? new Map()]
    const keys = [...new Set<string>([...old.keys(), ...young.keys()])]
    const missing = keys.filter((key) => !young.has(key))
    const added = keys.filter((key) => !old.has(key))
    const both = keys.filter((key) => old.has(key) && young.has(key))
    const changed = both.filter((key) => !isDeepStrictEqual(old.get(key), young.get(key)))
    return {
      ...{ sink, same: both.length - changed.length, changed: changed.length },
      ...{ missing: missing.length, added: added.length },
      keys: [...changed, ...missing, ...added].slice(0, namedKeys),
    }
  })
}

function statePreviews(before: Played['keys'], after: Played['keys'], name: Naming): Preview['state'] {
  const former = new Map([...before].map(([operator, keys]) => [name(operator), keys]))
  return [...new Set([...former.keys(), ...after.keys()])].map((operator) => {
    return { operator, before: former.get(operator) ?? 0, after: after.get(operator) ?? 0 }
  })
}

/** All names in the version in production. */
function idsOf({ checkpoint }: SavedCheckpoint, against: Job): readonly OperatorId[] {
  const { feeds, outputs } = buildPipeline(against, memoryStorage())
  const ends = [...feeds.map(({ source }) => source.id), ...outputs.map(({ sink }) => sink.id)]
  return [...ends, ...checkpoint.states.keys(), ...checkpoint.entries.keys()]
}
