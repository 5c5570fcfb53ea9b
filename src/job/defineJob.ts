/**
 * A job is a name and a function that builds its pipeline. The function is called once per attempt, so a restart starts with fresh
 * operators; whatever it closes over outside survives restarts, and should therefore hold no state.
 */
import type { Observable } from 'rxjs'
import { jobName } from '../checkpoint/names.ts'
import type { StreamElement } from '../element.ts'
import type { Committable } from '../sinks/sink.ts'
import type { Source } from '../sources/source.ts'
import type { WatermarkStrategy } from '../time/watermarks.ts'

export interface JobBuilder {
  /** The elements of a source. Calling it twice for one source, or for two sources of one id, is an error: share the observable. */
  from<T>(source: Source<T>, watermarks?: WatermarkStrategy): Observable<StreamElement<T>>
}

/** Builds the pipeline; every branch ends in `to(sink)`. */
export type Pipeline = (builder: JobBuilder) => Observable<Committable> | readonly Observable<Committable>[]

export interface Job {
  readonly name: string
  readonly pipeline: Pipeline
}

/**
 * @param name identifies the job's checkpoints, ledger and transactional ids, so it must stay the same over restarts and be unique
 *   per cluster: letters, digits, `.`, `_` and `-`, at most 100. Throws Fatal BAD_JOB_NAME on anything else.
 */
export function defineJob(name: string, pipeline: Pipeline): Job {
  return { name: jobName(name), pipeline }
}
