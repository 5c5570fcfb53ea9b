import { aFunction, anObject, withMethods } from '../../optionRules.ts'
import type { Key, StreamRecord } from '../../record.ts'
import type { Handles } from '../../state/stateSpec.ts'
import type { SideReceiver } from '../sideOutput.ts'

/** Timers of the current key, kept in the checkpoints. */
export interface ProcessTimers {
  /**
   * Timers that call `onEventTimer` when the watermark reaches them; one in the past fires at the
   * next watermark.
   */
  readonly event: KeyTimers
  /**
   * Timers that call `onProcessingTimer` when the clock reaches them; one in the past fires at
   * once, also after a restart.
   */
  readonly processing: KeyTimers
  /** Returns the time of the clock, ms since the epoch. */
  now(): number
}

/** Timers of the current key, of one kind. */
export interface KeyTimers {
  /**
   * Sets a timer; a timer that is set twice fires once.
   *
   * @param time ms since the epoch
   * @throws BAD_TIMER if `time` is not a finite number; see `onError`
   * @throws NO_TIMER_HANDLER if the spec has no function for it
   */
  set(time: number): void
  /** Deletes a timer, if it is set. */
  delete(time: number): void
}

/**
 * Side outputs of an operator, by name.
 *
 * @typeParam K keys of its records
 */
export type SideOutputs<K = unknown> = Readonly<Record<string, SideReceiver<never, K>>>

/** Functions that put a value into each side output, by name. */
export type Outputs<O> = { readonly [N in keyof O]: (value: ValueOf<O[N]>) => void }

type ValueOf<O> = O extends SideReceiver<infer V, never> ? V : never

/** Context of a call by `keyedProcess` or `connect`; all of it belongs to the current key. */
export interface ProcessContext<K extends Key, S, O> {
  /** Current key. */
  readonly key: K
  /** Handles to the state, by the names in the spec. */
  readonly state: Handles<S>
  /** Timers of the current key. */
  readonly timers: ProcessTimers
  /**
   * Side outputs, by the names in the spec. Values take the place of the record being processed, as
   * results do.
   */
  readonly outputs: Outputs<O>
  /** Current watermark, ms since the epoch; -Infinity before the first one. */
  readonly watermark: number
}

/** Context of `onElement`. */
export interface ElementContext<T, K extends Key, S, O> extends ProcessContext<K, S, O> {
  /** Record being processed. */
  readonly record: StreamRecord<T, K>
}

/**
 * Results of a function: any iterable, such as an array or a generator, read to its end at once; or
 * nothing.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a function without a return is of type void
export type Results<R> = Iterable<R> | void

/**
 * Functions that timers call.
 *
 * @typeParam C context of the calls
 */
export interface TimerFunctions<C, E, P> {
  /**
   * Called when the watermark has reached a timer. Results have its time as their timestamp. If it
   * throws, the job ends. Default: no event timers.
   */
  onEventTimer?(time: number, context: C): Results<E>
  /**
   * Called when the clock has reached a timer, at any time between two records. If it throws, the
   * job ends. Default: no processing timers.
   */
  onProcessingTimer?(time: number, context: C): Results<P>
}

export const stateRule = withMethods('a state, such as valueState()', ['open'])

/** Rules that the specs of keyedProcess and connect share. */
export const specRules = { state: anObject, outputs: anObject, onEventTimer: aFunction, onProcessingTimer: aFunction }
