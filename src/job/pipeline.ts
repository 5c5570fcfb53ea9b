/**
 * Builds a job's pipeline for one attempt, and checks its wiring before anything is opened or
 * written.
 */

import type { Observable } from 'rxjs'
import { noLedgerForSnapshots } from '../checkpoint/inLedger.ts'
import { storageLedger } from '../checkpoint/storageLedger.ts'
import type { Ledger } from '../contracts/ledger.ts'
import type { Source } from '../contracts/source.ts'
import type { CheckpointStorage } from '../contracts/storage.ts'
import { FatalError } from '../errors.ts'
import { asOutput, to } from '../operators/to.ts'
import { toRepartition } from '../operators/toRepartition.ts'
import { aBoolean, required, withMethods } from '../optionRules.ts'
import { checkOptions, type OptionRules } from '../options.ts'
import type { Committable } from '../sinks/sink.ts'
import type { Output, Stream } from '../stream.ts'
import { alignment } from '../time/alignment.ts'
import { noWatermarks, type WatermarkStrategy } from '../time/watermarks.ts'
import { type AttemptBadRecords, badRecords } from './badRecords/badRecords.ts'
import type { FromOptions, Job } from './defineJob.ts'
import { type Feed, feed, type Markers } from './feed.ts'

export interface BuiltPipeline {
  readonly feeds: readonly Feed[]
  /** Outputs of the branches; a sink for dead letters adds one at the end. */
  readonly outputs: readonly Output[]
  /** How many there are without it. */
  readonly branches: number
  /** Whether records go through topics of the job. */
  readonly repartitions: boolean
  readonly badRecords: AttemptBadRecords
  /** Ledger that decides this job's checkpoints. */
  readonly ledger: Ledger
}

const aSource = required(withMethods('a source, such as memorySource([...])', ['open']))
const fromRules: OptionRules<FromOptions> = { everywhere: aBoolean }

/** Sources and branches as the job's function wires them; nothing is opened. */
export interface Wiring {
  readonly feeds: readonly Feed[]
  /** Outputs of the branches, then the ends of repartition topics. */
  readonly branches: readonly Output[]
  /** Source behind a repartition topic, by the sink in front of it. */
  readonly midways: ReadonlyMap<object, Source<unknown>>
}

/** Calls the job's function. */
export function wire(job: Job): Wiring {
  const feeds: Feed[] = []
  const ends: Output[] = []
  const midways = new Map<object, Source<unknown>>()
  const groups = alignment()
  function add<T>(
    source: Source<T>,
    watermarks: WatermarkStrategy<T> = noWatermarks(),
    { markers, everywhere }: FromOptions & { readonly markers?: Markers },
  ) {
    const fed = feed(source as Source<unknown>, watermarks as WatermarkStrategy<unknown>, groups, markers)
    feeds.push({ ...fed, everywhere })
    return fed.elements as Stream<T>
  }
  const built = job.pipeline({
    from(source, watermarks, options = {}) {
      checkOptions('from', { source }, { source: aSource })
      checkOptions<FromOptions>('from', options, fromRules, { where: { operator: source.id } })
      return add(source, watermarks, options)
    },
    repartition(topic, watermarks) {
      const { sink, source } = topic.ends(job.name)
      midways.set(sink, source as Source<unknown>)
      return (elements) => {
        ends.push(toRepartition(sink)(elements))
        return add(source, watermarks, { markers: watermarks === undefined ? 'time' : 'end' }) as typeof elements
      }
    },
  })
  const branches = [...branchesOf(built), ...ends].map(asOutput)
  if (feeds.length === 0 || branches.length === 0) {
    throw new FatalError('EMPTY_JOB', 'the job has no source or no sink', {
      where: { job: job.name },
      hint: 'Read with from(source) and end every branch in to(sink)',
    })
  }
  return { feeds, branches, midways }
}

/** @param shards number of shards of the job */
export function buildPipeline(job: Job, storage: CheckpointStorage, shards = 1): BuiltPipeline {
  const { feeds, branches, midways } = wire(job)
  const bad = badRecords(job)
  for (const { source } of feeds) bad.policy(source.id, source.onError)
  const outputs = [...branches, ...letterBox(job, bad)]
  const ends = [...feeds.map(({ source }) => source), ...outputs.map(({ sink }) => sink)]
  uniqueIds(job, ends)
  if (shards > 1) canBeSpread(job, feeds, outputs, storage)
  const ledger = oneLedger(job, outputs) ?? (storage.inLedger ? noLedgerForSnapshots() : storageLedger(storage))
  return { feeds, outputs, branches: branches.length, repartitions: midways.size > 0, badRecords: bad, ledger }
}

function letterBox({ onError = 'fail' }: Job, { letters }: AttemptBadRecords): readonly Output[] {
  return typeof onError === 'string' ? [] : [to(onError.deadLetters)(letters)]
}

function branchesOf(built: ReturnType<Job['pipeline']> | undefined): readonly Observable<Committable>[] {
  if (built === undefined || built === null) return []
  if ('subscribe' in built) return [built]
  if (Array.isArray(built)) return built
  throw new FatalError('NOT_AN_OUTPUT', 'the pipeline function returned something that is not a branch', {
    hint: 'Return the result of pipe(), or an array of them; the function must not be async, and must not subscribe',
  })
}

function uniqueIds(job: Job, ends: readonly { readonly id: string }[]): void {
  const first = new Map<string, object>()
  for (const end of ends) {
    const other = first.get(end.id)
    if (other !== undefined) throw duplicate(job, end.id, other === end)
    first.set(end.id, end)
  }
}

function duplicate(job: Job, id: string, isSame: boolean): FatalError {
  const message = isSame ? `the source or sink "${id}" is used twice` : `two sources or sinks have the id "${id}"`
  return new FatalError('DUPLICATE_ID', message, {
    where: { job: job.name },
    hint: isSame
      ? 'Call from(source) once, and begin all its branches with the result. Before one sink, merge(...) the branches'
      : 'Give one of them an `id` of its own and keep it: checkpoints find offsets and output by it',
  })
}

/**
 * Checks that the job can run over shards: parts in the memory of one thread differ in each thread,
 * and parts that do not know shards would read or write everything in each.
 */
function canBeSpread(
  job: Job,
  feeds: readonly Feed[],
  outputs: readonly Output[],
  { local = false, place }: CheckpointStorage,
): void {
  // Of a source that is read everywhere, each shard reads a copy of its own.
  const split = feeds.filter(({ everywhere = false }) => !everywhere)
  const ends = [...split.map(({ source }) => source), ...outputs.map(({ sink }) => sink)]
  const alone = ends.find(({ sharded = false }) => !sharded)
  if (alone === undefined && !local) return
  throw new FatalError(
    'CANNOT_BE_SPREAD',
    alone === undefined
      ? `the checkpoints are stored in ${place}, and each shard has its own`
      : 'the source or sink does not support shards',
    {
      where: alone === undefined ? { job: job.name } : { job: job.name, operator: alone.id },
      hint:
        alone === undefined
          ? 'Use a storage that all threads share, such as fileStorage(folder)'
          : 'Use topics of Kafka or of an embedded log, or remove `shards`. To read a source as a whole in each shard, use from(source, watermarks, { everywhere: true }). A source or sink of your own declares support with `sharded: true`',
    },
  )
}

/**
 * Finds the ledger. Two ledgers cannot decide one checkpoint: one could commit and the other fail.
 */
function oneLedger(job: Job, outputs: readonly Output[]): Ledger | undefined {
  const ledgers = [...new Set(outputs.flatMap(({ sink }) => sink.ledger ?? []))]
  if (ledgers.length < 2) return ledgers[0]
  throw new FatalError(
    'TWO_LEDGERS',
    `${ledgers.map(({ place }) => place).join(' and ')} cannot both decide a checkpoint`,
    {
      where: { job: job.name },
      hint: "Give all exactly-once sinks the same cluster object and the same transaction options, or set guarantee: 'at-least-once' on the others",
    },
  )
}
