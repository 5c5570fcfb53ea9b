import { FatalError } from '../errors.ts'
import type { Key } from '../record.ts'
import { plainSpec, type StateOptions } from '../state/stateOptions.ts'
import type { Misused, Stream } from '../stream.ts'
import type {
  FixedWindows,
  GlobalWindows,
  ProcessingTimeWindows,
  SessionWindows,
  WindowAssigner,
} from '../time/windows.ts'
import { type KeyedOperator, keyed, keyedRules } from './keyed/keyed.ts'
import type { KeyedContext, StatefulOptions } from './keyed/keyedStep.ts'
import { accumulated, type Contents, reduced } from './windows/contents.ts'
import { elementList } from './windows/elementList.ts'
import { openWindows } from './windows/openWindows.ts'
import type { SessionAggregator, WindowAggregator, WindowInfo } from './windows/windowAggregator.ts'
import { type GlobalWindowOptions, type WindowOptions, windowSettings } from './windows/windowSettings.ts'

/** Options of the state of windows. Windows end by themselves, so there is no `ttl`. */
export type WindowStateOptions<V> = StatefulOptions &
  Omit<StateOptions<V>, 'ttl'> & {
    /** Not available, because windows end by themselves. Default: none. */
    readonly ttl?: never
  }

/**
 * Windows without a result, which `pipe` refuses: exists so that the mistake has a name.
 *
 * @throws BAD_OPTION always
 */
export type WithoutResult = (
  // biome-ignore lint/suspicious/noExplicitAny: windows of any stream lack a result
  source: Stream<any, any>,
) => Misused<'window(...) has no result: add .aggregate(), .reduce() or .process() to it'>

/**
 * Aggregation of windowed records, returned by `window`.
 *
 * A function that throws at a record: OPERATOR_FAILED and `onError`; no window has the record. A
 * function that throws at a result ends the attempt with OPERATOR_FAILED, since no single record is
 * at fault. A record whose time is not a valid ms: BAD_TIMESTAMP.
 *
 * @typeParam L values of the side output for late records
 * @typeParam J keys of this side output
 */
export interface Windowed<L, J = unknown> extends WithoutResult {
  /** Aggregates the records of each window; keeps an accumulator instead of the records. */
  aggregate<T extends L, A, R, K extends Key & J>(
    aggregator: WindowAggregator<T, A, R, K>,
    options: WindowStateOptions<NoInfer<A>>,
  ): KeyedOperator<T, K, R>

  /**
   * Combines the values of each window into one; keeps that value instead of the records. When
   * sessions merge, `f` gets the values of both.
   */
  reduce<T extends L, K extends Key & J>(
    f: (reduced: T, value: T) => T,
    options: WindowStateOptions<NoInfer<T>>,
  ): KeyedOperator<T, K, T>

  /**
   * Keeps all values of a window; `f` receives them in order of arrival. Add `flatMap` to emit
   * several results.
   */
  process<T extends L, R, K extends Key & J>(
    f: (elements: readonly T[], about: WindowInfo<K>) => R,
    options: WindowStateOptions<NoInfer<T>>,
  ): KeyedOperator<T, K, R>
}

/** Aggregation of session windows, returned by `window(session(gap))`. */
export interface WindowedSessions<L, J = unknown> extends WithoutResult, Pick<Windowed<L, J>, 'reduce' | 'process'> {
  /** Aggregates the records of each session; sessions that merge need `merge`. */
  aggregate<T extends L, A, R, K extends Key & J>(
    aggregator: SessionAggregator<T, A, R, K>,
    options: WindowStateOptions<NoInfer<A>>,
  ): KeyedOperator<T, K, R>
}

/**
 * Groups the records of each key into windows of event time, with one result for each.
 *
 *     R--1--2----3--W--|       the watermark W reaches the end of the window of 1 and 2, not of 3
 *     window(tumbling(10)).reduce((a, b) => a + b, { id: 'sums' })
 *     R------------(3W)|
 *
 * A result has the key of its records and the last ms of its window as its timestamp; in the global
 * window, the timestamp of the record that triggered it. Since no source has read it, it has no
 * headers, the operator as its split, and offset -1.
 *
 * @param assigner `tumbling(size)`, `sliding(size, slide)`, `session(gap)` or `globalWindow()`
 * @throws BAD_OPTION if an option is wrong
 */
export function window<L = unknown, J = unknown>(assigner: FixedWindows, options?: WindowOptions<L, J>): Windowed<L, J>
/**
 * Groups the records of each key into sessions, with one result for each session.
 *
 *     window(session(30_000)).reduce((a, b) => a + b, { id: 'sums' })
 *
 * A session ends `gap` ms of event time after its last record; sessions that a late record connects
 * merge. Results are those of other windows.
 *
 * @throws BAD_OPTION if an option is wrong
 */
export function window<L = unknown, J = unknown>(
  assigner: SessionWindows,
  options?: WindowOptions<L, J>,
): WindowedSessions<L, J>
/**
 * Groups all records of each key into one window, with a result at every n-th record.
 *
 *     window(globalWindow(), { trigger: onCount(3) }).reduce((a, b) => a + b, { id: 'sums' })
 *
 * @throws BAD_OPTION if an option is wrong or `trigger` is missing
 */
export function window(assigner: GlobalWindows, options: GlobalWindowOptions): Windowed<unknown>
/**
 * Groups the records of each key into windows of processing time, with one result for each.
 *
 *     window(processingTime(tumbling(10_000))).reduce((a, b) => a + b, { id: 'sums' })
 *
 * A result has the last ms of its window as its timestamp.
 *
 * @throws BAD_OPTION if an option is given: no record is late, and the clock alone ends a window
 */
export function window(assigner: ProcessingTimeWindows): Windowed<unknown>
export function window<L, J>(assigner: WindowAssigner, options: WindowOptions<L, J> = {}): Windowed<L, J> {
  const settings = windowSettings(assigner, options)
  const name = assigner.kind === 'processing' ? 'processingTimeWindow' : 'window'

  function operator<T extends L, K extends Key & J, A, R>(
    options: StatefulOptions,
    table: string,
    contentsOf: (context: KeyedContext<K, R>) => Contents<T, K, A, R>,
  ): KeyedOperator<T, K, R> {
    const sides = settings.late === undefined ? [] : [settings.late]
    return keyed(name, options, stateOfWindow, openWindows(options?.id, settings, table, contentsOf), sides)
  }

  const results: Pick<Windowed<L, J>, 'aggregate' | 'reduce' | 'process'> = {
    aggregate(aggregator, options) {
      if (assigner.kind === 'session' && aggregator.merge === undefined) throw noMerge(options.id)
      const spec = plainSpec(options)
      return operator(options, 'accumulators', () => accumulated(options.id, aggregator, spec))
    },
    reduce(f, options) {
      const spec = plainSpec(options)
      return operator(options, 'accumulators', () => reduced(options.id, f, spec))
    },
    process(f, options) {
      const spec = plainSpec(options)
      return operator(options, 'lists', ({ store }) => elementList(f, spec, store))
    },
  }
  return Object.assign(withoutResult, results)
}

function withoutResult(): never {
  throw new FatalError('BAD_OPTION', 'window: the windows have no result', {
    where: { operator: 'window' },
    hint: 'Add .aggregate(), .reduce() or .process() to window(...)',
  })
}

const { ttl: _, ...stateOfWindow } = keyedRules

function noMerge(operator: string): FatalError {
  return new FatalError('BAD_OPTION', 'the aggregator of session windows has no function merge', {
    where: { operator },
    hint: 'Add merge(a, b), which combines two accumulators: a record can connect two sessions',
  })
}
