/**
 * What is played through Flink: an operator, and the events that reach it one after the other. All times are in ms; a watermark of
 * +Infinity is the end of the input. In JSON the infinities are strings (see json.ts).
 */

export type Assigner =
  | { readonly type: 'tumbling'; readonly size: number; readonly offset: number }
  | { readonly type: 'sliding'; readonly size: number; readonly slide: number; readonly offset: number }
  | { readonly type: 'session'; readonly gap: number }
  | { readonly type: 'global' }

export type Trigger =
  | { readonly type: 'watermark' }
  | { readonly type: 'count'; readonly count: number; readonly purge: boolean }

/** Flink's WindowOperator, as `keyBy().window().trigger().allowedLateness().sideOutputLateData()` makes it. */
export interface WindowOperator {
  readonly kind: 'window'
  readonly assigner: Assigner
  readonly trigger: Trigger
  readonly allowedLateness: number
  /** sum: an incremental aggregate. list: all values of the window, in the order in which they lie in its state. */
  readonly function: 'sum' | 'list'
  /** Late elements come out at the side; else they are dropped and counted. */
  readonly lateOutput: boolean
}

/** `left.join(right).where().equalTo().window().allowedLateness().apply()`: input 0 is the left one. Late elements are dropped and counted. */
export interface WindowJoin {
  readonly kind: 'windowJoin'
  readonly assigner: Assigner
  readonly allowedLateness: number
}

/** `left.intervalJoin(right).between(lower, upper)`: left + lower <= right <= left + upper, where both bounds are inclusive. */
export interface IntervalJoin {
  readonly kind: 'intervalJoin'
  readonly lower: number
  readonly upper: number
  readonly lowerInclusive: boolean
  readonly upperInclusive: boolean
  /** Late elements come out at the side; else they are dropped. Nobody counts them. */
  readonly lateOutput: boolean
}

/** A KeyedProcessFunction: an element registers an event time timer at its value, or deletes it. A timer that fires comes out. */
export interface EventTimers {
  readonly kind: 'eventTimers'
  /** A timer that fires registers the next one this much later, but none after `until`. */
  readonly repeat?: { readonly every: number; readonly until: number }
}

export type Strategy =
  | { readonly type: 'ascending' }
  | { readonly type: 'boundedOutOfOrderness'; readonly bound: number }

/** The event time logic of a source: a watermark generator for each split (`input`), and the lowest of their watermarks. */
export interface Source {
  readonly kind: 'source'
  readonly strategy: Strategy
  readonly idleTimeout?: number
}

/** StatusWatermarkValve: the watermark of one input with several channels (upstream subtasks, or streams that were united). */
export interface Channels {
  readonly kind: 'channels'
  readonly inputs: number
}

/** IndexedCombinedWatermarkStatus: the watermark of an operator with several inputs. */
export interface Inputs {
  readonly kind: 'inputs'
  readonly inputs: number
}

export type Operator = WindowOperator | WindowJoin | IntervalJoin | EventTimers | Source | Channels | Inputs

export interface ElementEvent {
  readonly type: 'element'
  readonly input: number
  readonly key: string
  /** A whole number. */
  readonly value: number
  readonly timestamp: number
  /** eventTimers: delete the timer at `value`. */
  readonly delete?: true
}

export interface WatermarkEvent {
  readonly type: 'watermark'
  readonly input: number
  readonly timestamp: number
}

export type Event =
  | ElementEvent
  | WatermarkEvent
  /** The input is idle, or no longer. */
  | { readonly type: 'status'; readonly input: number; readonly idle: boolean }
  /** A new operator goes on with the state of this one. Flink does not keep the watermark in it. */
  | { readonly type: 'snapshotAndRestore' }
  /** source: the split exists from now on; without it, from its first element on. */
  | { readonly type: 'assign'; readonly input: number }
  /** source: the split has been read to its end. */
  | { readonly type: 'finish'; readonly input: number }
  /** source: the moment, every 200 ms by default, at which Flink asks the generators for watermarks. */
  | { readonly type: 'periodicEmit' }
  /** source: time passes. */
  | { readonly type: 'clock'; readonly advance: number }

export interface Scenario {
  /** A sentence, and the scenario's only name. */
  readonly name: string
  readonly operator: Operator
  readonly events: readonly Event[]
}
