/**
 * A job is a name and a function that builds its pipeline. The function is called once per attempt, so a restart starts with fresh
 * operators; whatever it closes over outside survives restarts, and should therefore hold no state.
 */

import type { Observable } from 'rxjs'
import { jobName } from '../checkpoint/names.ts'
import type { ThroughTopic } from '../contracts/repartition.ts'
import type { Source } from '../contracts/source.ts'
import type { StreamElement } from '../element.ts'
import { FatalError } from '../errors.ts'
import { checkOptionNames } from '../options.ts'
import type { OperatorId } from '../record.ts'
import type { Committable } from '../sinks/sink.ts'
import type { WatermarkStrategy } from '../time/watermarks.ts'
import type { DeadLetterPolicy } from './badRecords/deadLetter.ts'

export interface JobBuilder {
  /**
   * The elements of a source. Calling it twice for one source, or for two sources of one id, is an error: share the observable.
   * @param watermarks how its records tell event time; default: `noWatermarks()`
   */
  from<T>(source: Source<T>, watermarks?: WatermarkStrategy<NoInfer<T>>): Observable<StreamElement<T>>
  /**
   * Sends the records through a topic of the job's own and reads them there, so that all with one key are in one shard:
   * `keyBy(f), through(kafkaTopic(cluster, ...)), scan(...)`. Key, value, timestamp and headers survive. Records come a checkpoint later, once what
   * wrote them is committed. With one shard it changes nothing else, and in `testJob` it is a sink and a source. Not with bounded sources: nobody could tell when the topic is through.
   * @param watermarks event time begins anew behind it; default: `noWatermarks()`
   */
  through<T, K>(
    topic: ThroughTopic<T, K>,
    watermarks?: WatermarkStrategy<NoInfer<T>>,
  ): (elements: Observable<StreamElement<T, K>>) => Observable<StreamElement<T, K>>
}

/** Builds the pipeline; every branch ends in `to(sink)`. */
export type Pipeline = (builder: JobBuilder) => Observable<Committable> | readonly Observable<Committable>[]

export interface JobOptions {
  /**
   * What becomes of records that cannot be processed, where source, operator or sink do not say otherwise: 'fail' (default) ends the job,
   * 'skip' counts them, `deadLetter(sink)` keeps them in a sink.
   */
  readonly onError?: 'fail' | 'skip' | DeadLetterPolicy | undefined
  /**
   * Operators that were removed, or renamed on purpose, and whose state may be lost: their ids; true: any. Without it the job does not start where the
   * last checkpoint has state of an operator that the job does not have.
   */
  readonly allowDroppedState?: readonly OperatorId[] | boolean | undefined
}

export interface Job extends JobOptions {
  readonly name: string
  readonly pipeline: Pipeline
}

/**
 * @param name identifies the job's checkpoints, ledger and transactional ids, so it must stay the same over restarts and be unique
 *   per cluster: letters, digits, `.`, `_` and `-`, at most 100. Throws Fatal BAD_JOB_NAME on anything else, and
 *   BAD_OPTION where `onError` is nothing that there is.
 */
export function defineJob(name: string, pipeline: Pipeline, options: JobOptions = {}): Job {
  checkOptionNames('defineJob', options, { onError: true, allowDroppedState: true })
  const { onError = 'fail', allowDroppedState } = options
  if (onError !== 'fail' && onError !== 'skip' && typeof onError?.deadLetters?.open !== 'function') {
    throw new FatalError('BAD_OPTION', `onError is ${onError}`, {
      where: { job: name },
      hint: "Set 'fail', 'skip', or deadLetter(sink)",
    })
  }
  return { name: jobName(name), pipeline, onError, allowDroppedState }
}
