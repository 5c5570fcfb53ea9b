import { jobName } from '../checkpoint/names.ts'
import type { RepartitionTopic } from '../contracts/repartition.ts'
import type { Source } from '../contracts/source.ts'
import { allowDroppedRule, anObject, operatorIdRule, rule } from '../optionRules.ts'
import { checkOptions, type OptionRules } from '../options.ts'
import type { OperatorId } from '../record.ts'
import type { Output, Stream } from '../stream.ts'
import type { WatermarkStrategy } from '../time/watermarks.ts'
import type { DeadLetterPolicy } from './badRecords/deadLetter.ts'

/** Tools with which a pipeline function wires sources to operators and sinks. */
export interface JobBuilder {
  /**
   * Emits the elements of a source. Call it once for each source, and use its stream in every
   * branch that reads the source.
   *
   * @param watermarks how event time follows from the records; default `noWatermarks()`
   * @throws DUPLICATE_ID, as the job starts, if two sources or sinks have the same id
   * @throws BAD_OPTION if an option is wrong
   */
  from<T>(source: Source<T>, watermarks?: WatermarkStrategy<NoInfer<T>>, options?: FromOptions): Stream<T>
  /**
   * Sends records through a topic owned by the job, so that one shard reads all records of a key.
   *
   *     keyBy(f), repartition(kafkaRepartition(cluster, options)), scan(f, 0, { id: 'count' })
   *
   * Key, value, timestamp and headers survive. A record is read back after the checkpoint that
   * wrote it is committed, so it arrives one checkpoint later. In `testJob` the topic is a sink and
   * a source.
   *
   * Event time goes through the topic with the records: the watermark behind it is the lowest of
   * all shards in front of it, so records of a shard that was down are not late. When the sources
   * of all shards have ended, so has the topic.
   *
   * @param watermarks how event time follows from the records read back, instead; records of a
   *   shard that is behind the others may then be late
   */
  repartition<T, K>(
    topic: RepartitionTopic<T, K>,
    watermarks?: WatermarkStrategy<NoInfer<T>>,
  ): (elements: Stream<T, K>) => Stream<T, K>
}

/** Options of `from`. */
export interface FromOptions {
  /**
   * Whether each shard reads all partitions of the source, for streams that all shards need, such
   * as the rules of `connect`. Whatever the job writes from such a stream alone, each shard writes.
   * Default: each shard reads its own partitions; `connect` refuses that for its broadcast stream
   * unless it is set to false.
   */
  readonly everywhere?: boolean | undefined
}

/** Function that builds a pipeline; every branch ends in `to(sink)`. */
export type Pipeline = (builder: JobBuilder) => Output | readonly Output[]

/** Options of `defineJob`. */
export interface JobOptions {
  /**
   * Policy for records that cannot be processed, unless a source, operator or sink sets its own:
   * `'fail'` ends the job, `'skip'` counts them, `deadLetter(sink)` keeps them in a sink. Default
   * `'fail'`.
   */
  readonly onError?: 'fail' | 'skip' | DeadLetterPolicy | undefined
  /**
   * Former ids of sources, operators and sinks, by their present ids: `{ total: 'sum' }` if the
   * operator `total` was called `sum`. State, offsets and prepared output in the last checkpoint
   * get the present id at the next start; later starts have nothing left to rename. Default: none.
   */
  readonly renamedFrom?: Readonly<Record<OperatorId, OperatorId>> | undefined
  /**
   * What the job may have lost since the last checkpoint. Default: nothing, so it does not start if
   * the checkpoint has anything of a source, operator or sink that it lacks.
   */
  readonly allowDropped?: AllowDropped | undefined
}

/** Parts of a checkpoint that a job may drop, by the ids of what it no longer has. */
export interface AllowDropped {
  /** Operators whose state may be dropped; true: any operator. Default: none. */
  readonly state?: readonly OperatorId[] | boolean | undefined
  /**
   * Sources whose offsets may be dropped: of the whole source, or of topics that it no longer
   * reads. Default: none.
   */
  readonly sources?: readonly OperatorId[] | undefined
  /** Sinks whose prepared output may be dropped. Default: none. */
  readonly sinks?: readonly OperatorId[] | undefined
}

/** Definition of a job, made by `defineJob` and run by `execute` or `testJob`. */
export interface Job extends JobOptions {
  /** Name of the job: identifies its checkpoints, ledger and transactional ids. */
  readonly name: string
  /** Builds the pipeline anew for each attempt. */
  readonly pipeline: Pipeline
}

const rules: OptionRules<JobOptions> = {
  onError: { ...rule("'fail', 'skip' or deadLetter(sink)", isPolicy), shown: true },
  renamedFrom: rule('former ids by present ones, none of which is both', isRenaming),
  allowDropped: rule('{ state, sources, sinks }, each a list of ids', isDropping),
}

function isRenaming(value: unknown): boolean {
  if (!anObject.is(value) || Array.isArray(value)) return false
  const [present, former] = [Object.keys(value as object), Object.values(value as object)]
  return former.every((id) => operatorIdRule.is(id) && !present.includes(id)) && new Set(former).size === former.length
}

function isDropping(value: unknown): boolean {
  if (!anObject.is(value)) return false
  const { state = [], sources = [], sinks = [], ...others } = value as AllowDropped
  const ids = [sources, sinks].every((list) => Array.isArray(list) && allowDroppedRule.is(list))
  return allowDroppedRule.is(state) && ids && Object.keys(others).length === 0
}

function isPolicy(value: unknown): boolean {
  const { deadLetters } = (value ?? {}) as Partial<DeadLetterPolicy>
  return value === 'fail' || value === 'skip' || typeof deadLetters?.open === 'function'
}

/**
 * Defines a job: a name and a function that builds its pipeline.
 *
 * ```ts
 * const job = defineJob('uppercase', ({ from }) =>
 *   from(lines).pipe(map((line) => line.toUpperCase()), to(shouts)),
 * )
 * ```
 *
 * The function is called once per attempt, so each restart gets fresh operators. Variables outside
 * of it survive a restart without being restored: keep state in operators.
 *
 * @param name stays the same over restarts and is unique per cluster; letters, digits, `.`, `_` and
 *   `-`, at most 100
 * @param pipeline returns one branch or an array of them, each of which ends in `to(sink)`
 * @throws BAD_JOB_NAME if the name is anything else
 * @throws BAD_OPTION if an option is wrong
 */
export function defineJob<P>(
  name: string,
  pipeline: (builder: JobBuilder) => P extends ReturnType<Pipeline> ? P : 'every branch of a pipeline ends in to(sink)',
  options: JobOptions = {},
): Job {
  checkOptions('defineJob', options, rules, { where: { job: name } })
  const { onError = 'fail', renamedFrom, allowDropped } = options
  return { name: jobName(name), pipeline: pipeline as Pipeline, onError, renamedFrom, allowDropped }
}
