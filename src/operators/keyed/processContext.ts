/** What `keyedProcess` and `connect` give to the functions that they call: all of it is about the key of the record or timer that is being processed. */
import type { Key, StreamRecord } from '../../record.ts'
import type { Handles } from '../../state/stateSpec.ts'
import type { AnySideOutput, SideOutput } from '../sideOutput.ts'

/** Timers of the current key. All are kept in the checkpoints. */
export interface ProcessTimers {
  /** Ring in `onEventTimer` when the watermark reaches them; those in the past, at the next watermark. */
  readonly event: KeyTimers
  /** Ring in `onProcessingTimer` when the clock reaches them; those in the past, at once, also after a restart. */
  readonly processing: KeyTimers
  /** The clock, ms since the epoch. */
  now(): number
}

export interface KeyTimers {
  /**
   * @param time ms since the epoch; set twice it rings once. Throws Fatal BAD_TIMER on what is no finite number, which is the record's fault
   *   (`onError`), and NO_TIMER_HANDLER where there is no function to ring in.
   */
  set(time: number): void
  delete(time: number): void
}

/** By name. */
export type SideOutputs = Readonly<Record<string, AnySideOutput>>

/** What puts a value into each of them. */
export type Outputs<O> = { readonly [N in keyof O]: (value: ValueOf<O[N]>) => void }

type ValueOf<O> = O extends Pick<SideOutput<infer V>, 'connect'> ? V : never

export interface ProcessContext<K extends Key, S, O> {
  readonly key: K
  readonly state: Handles<S>
  readonly timers: ProcessTimers
  /** Values put there have the place of the record that is being processed, as results have. */
  readonly outputs: Outputs<O>
  /** ms since the epoch; -Infinity: none has come. */
  readonly watermark: number
}

export interface ElementContext<T, K extends Key, S, O> extends ProcessContext<K, S, O> {
  readonly record: StreamRecord<T, K>
}

/** What a function puts out: any iterable, a generator's too, which is read to its end at once; or nothing. */
// biome-ignore lint/suspicious/noConfusingVoidType: a function without a return is of type void
export type Results<R> = Iterable<R> | void

/** @typeParam C what they are given */
export interface TimerFunctions<C, E, P> {
  /** A timer of this key has been reached by the watermark. Results have its time as their timestamp. If it throws, the job ends. */
  onEventTimer?(time: number, context: C): Results<E>
  /** As `onEventTimer`, when the clock has reached it: at any time between two records. */
  onProcessingTimer?(time: number, context: C): Results<P>
}
