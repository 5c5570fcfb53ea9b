import { wholeNumber } from '../../optionRules.ts'
import type { OptionRules } from '../../options.ts'
import { type Key, type StreamRecord, withValue } from '../../record.ts'
import { plainSpec } from '../../state/stateOptions.ts'
import type { Stream } from '../../stream.ts'
import type { FixedWindows, SessionWindows } from '../../time/windows.ts'
import { flatMap } from '../flatMap.ts'
import type { KeyedRules } from '../keyed/keyed.ts'
import { keyedMany } from '../keyed/keyed.ts'
import type { KeyedContext, KeyedHandlers, OpenKeyed } from '../keyed/keyedStep.ts'
import { elementList } from '../windows/elementList.ts'
import { openWindows } from '../windows/openWindows.ts'
import type { WindowInfo } from '../windows/windowAggregator.ts'
import { windowSettings } from '../windows/windowSettings.ts'
import { checkJoin, type JoinOptions, joinRules, lateOutput, lateOutputs } from './joinOptions.ts'
import { type Sided, type TwoLists, twoLists } from './twoLists.ts'

/** Options of `windowJoin` and `coGroup`. */
export interface WindowJoinOptions<L, R, K = unknown> extends JoinOptions<L, R, K> {
  /**
   * Time that a window is kept after the watermark has reached its last ms, for late elements; ms
   * of event time. Default 0.
   */
  readonly allowedLateness?: number | undefined
}

/** Rules of the options of `coGroup`, and of an inner `windowJoin`. */
export const windowJoinRules: KeyedRules & OptionRules<WindowJoinOptions<never, never>> = {
  ...joinRules,
  allowedLateness: wholeNumber(0),
}

/**
 * Operator of windows over two streams, the base of `coGroup` and `windowJoin`.
 *
 * @param name name of the operator, for messages
 * @param f receives the elements of both sides, one of which may be empty
 * @throws BAD_OPTION
 */
export function joinWindows<L, R, O, K extends Key>(
  name: string,
  right: Stream<R, K>,
  assigner: FixedWindows | SessionWindows,
  f: (lefts: readonly L[], rights: readonly R[], about: WindowInfo<K>) => Iterable<O>,
  options: WindowJoinOptions<L, R, K>,
  rules: KeyedRules = windowJoinRules,
): (source: Stream<L, K>) => Stream<O, K> {
  checkJoin(name, options, rules)
  const settings = windowSettings<Sided<L, R>, unknown>(assigner, { allowedLateness: options.allowedLateness })
  const late = lateOutputs(options)
  const leftSpec = plainSpec<L>(options.left ?? {})
  const rightSpec = plainSpec<R>(options.right ?? {})
  type Context = KeyedContext<K, readonly O[]>

  const contentsOf = ({ store }: Context) =>
    twoLists<L, R, K, readonly O[]>(
      elementList((lefts) => lefts, leftSpec, store, 'left-'),
      elementList((rights) => rights, rightSpec, store, 'right-'),
      (lefts, rights, about) => [...f(lefts, rights, about)],
    )

  function lateOf(context: Context): (record: StreamRecord<Sided<L, R>, K>) => void {
    const left = lateOutput(context, options.left)
    const right = lateOutput(context, options.right)
    return (record) => {
      const { value } = record
      if (value.from === 'left') left(withValue(record, value.value))
      else right(withValue(record, value.value))
    }
  }

  const windowsOf = openWindows<Sided<L, R>, K, TwoLists, readonly O[], Sided<L, R>>(
    options.id,
    settings,
    'joined',
    contentsOf,
    lateOf,
  )
  const open: OpenKeyed<L | R, K, readonly O[]> = (context) => {
    const windows: Omit<KeyedHandlers<Sided<L, R>, K>, 'broadcast'> = windowsOf(context)
    const record = (record: StreamRecord<L | R, K>, input: number): void =>
      windows.record(withValue(record, sided<L, R>(record.value, input)), 0)
    return { ...windows, record }
  }

  return (left) => {
    const joined = keyedMany<L | R, K, readonly O[]>(name, options, rules, [left, right], open, late)
    return joined.pipe(flatMap((results) => results))
  }
}

function sided<L, R>(value: L | R, input: number): Sided<L, R> {
  return input === 0 ? { from: 'left', value: value as L } : { from: 'right', value: value as R }
}
