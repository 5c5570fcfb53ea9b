/**
 * Windows: the records of a key by stretches of event time, and one result for each.
 *
 *   R--1--2----3--W--|       the watermark W has reached the end of the window of 1 and 2, not that of 3
 *   window(tumbling(10)).reduce((a, b) => a + b, { id: 'sums' })
 *   R------------(3W)|
 *
 * A result has the key of its records and the last millisecond of its window as its timestamp; that of the global window has the timestamp of the
 * record that it came with. It was nowhere read: it has no headers, the operator as its split, and offset -1.
 */

import { FatalError } from '../errors.ts'
import type { Key } from '../record.ts'
import { plainSpec, type StateOptions } from '../state/stateOptions.ts'
import type { FixedWindows, GlobalWindows, SessionWindows, WindowAssigner } from '../time/windows.ts'
import { type KeyedOperator, keyed } from './keyed/keyed.ts'
import type { KeyedContext, StatefulOptions } from './keyed/keyedStep.ts'
import { accumulated, type Contents, reduced } from './windows/contents.ts'
import { elementList } from './windows/elementList.ts'
import { openWindows } from './windows/openWindows.ts'
import type { SessionAggregator, WindowAggregator, WindowInfo } from './windows/windowAggregator.ts'
import { type GlobalWindowOptions, type WindowOptions, windowSettings } from './windows/windowSettings.ts'

/** How the state of windows is kept; they end by themselves, so there is no `ttl`. */
export type WindowStateOptions<V> = StatefulOptions & Omit<StateOptions<V>, 'ttl'> & { readonly ttl?: never }

/**
 * What windows make of their records. A function that throws at a record: OPERATOR_FAILED, `onError`, and no window has the record; one that throws
 * at a result ends the attempt with OPERATOR_FAILED, since no record is at fault. A record whose time is no ms that numbers can tell: BAD_TIMESTAMP.
 * @typeParam L what the side output of late records takes
 */
export interface Windowed<L> {
  /** Keeps an accumulator for each window, and not its records. */
  aggregate<T extends L, A, R, K extends Key>(
    aggregator: WindowAggregator<T, A, R, K>,
    options: WindowStateOptions<NoInfer<A>>,
  ): KeyedOperator<T, K, R>

  /** Makes one value out of all those of a window. Where sessions merge, `f` gets what both have come to. */
  reduce<T extends L, K extends Key>(
    f: (reduced: T, value: T) => T,
    options: WindowStateOptions<NoInfer<T>>,
  ): KeyedOperator<T, K, T>

  /** Keeps all values of a window; `f` gets them in the order in which they came. For several results let `flatMap` follow. */
  process<T extends L, R, K extends Key>(
    f: (elements: readonly T[], about: WindowInfo<K>) => R,
    options: WindowStateOptions<NoInfer<T>>,
  ): KeyedOperator<T, K, R>
}

export interface WindowedSessions<L> extends Pick<Windowed<L>, 'reduce' | 'process'> {
  /** As for other windows, with `merge`. */
  aggregate<T extends L, A, R, K extends Key>(
    aggregator: SessionAggregator<T, A, R, K>,
    options: WindowStateOptions<NoInfer<A>>,
  ): KeyedOperator<T, K, R>
}

/** Throws Fatal BAD_OPTION. */
export function window<L = unknown>(assigner: FixedWindows, options?: WindowOptions<L>): Windowed<L>
export function window<L = unknown>(assigner: SessionWindows, options?: WindowOptions<L>): WindowedSessions<L>
export function window(assigner: GlobalWindows, options: GlobalWindowOptions): Windowed<unknown>
export function window<L>(assigner: WindowAssigner, options: WindowOptions<L> = {}): Windowed<L> {
  const settings = windowSettings(assigner, options)

  function operator<T extends L, K extends Key, A, R>(
    options: StatefulOptions,
    table: string,
    contentsOf: (context: KeyedContext<K, R>) => Contents<T, K, A, R>,
  ): KeyedOperator<T, K, R> {
    const sides = settings.late === undefined ? [] : [settings.late]
    return keyed('window', options, openWindows(options.id, settings, table, contentsOf), sides)
  }

  return {
    aggregate(aggregator, options) {
      if (assigner.kind === 'session' && aggregator.merge === undefined) throw noMerge(options.id)
      const spec = plainSpec(options)
      return operator(options, 'accumulators', () => accumulated(aggregator, spec))
    },
    reduce(f, options) {
      const spec = plainSpec(options)
      return operator(options, 'accumulators', () => reduced(f, spec))
    },
    process(f, options) {
      const spec = plainSpec(options)
      return operator(options, 'lists', ({ store }) => elementList(f, spec, store))
    },
  }
}

function noMerge(operator: string): FatalError {
  return new FatalError('BAD_OPTION', 'the aggregator of session windows has no merge', {
    where: { operator },
    hint: 'A record can connect two sessions: give it merge(a, b), which makes one accumulator of both',
  })
}
