/** Options of joins. */
import { anObject } from '../../optionRules.ts'
import { type OptionRules, optionProblems } from '../../options.ts'
import type { Key, StreamRecord } from '../../record.ts'
import { type StateOptions, stateRules } from '../../state/stateOptions.ts'
import { checkKeyed, type KeyedRules, statefulRules } from '../keyed/keyed.ts'
import type { KeyedContext, StatefulOptions } from '../keyed/keyedStep.ts'
import type { AnySideOutput, SideReceiver } from '../sideOutput.ts'

/** Options of one side of a join: how its elements are kept, and where late ones go. */
export interface JoinSide<T, K = unknown> extends Omit<StateOptions<T>, 'ttl'> {
  /**
   * Side output for late elements. Default: they are counted in event `late-records` and dropped.
   */
  readonly late?: SideReceiver<T, K> | undefined
}

/** Options of joins. */
export interface JoinOptions<L, R, K = unknown> extends StatefulOptions {
  /** Options of the left side. Default: JSON, late elements are dropped. */
  readonly left?: JoinSide<L, K> | undefined
  /** Options of the right side. Default: JSON, late elements are dropped. */
  readonly right?: JoinSide<R, K> | undefined
}

export function lateOutputs<L, R, K>({
  left,
  right,
}: Pick<JoinOptions<L, R, K>, 'left' | 'right'>): readonly AnySideOutput[] {
  return [left?.late, right?.late].filter((output) => output !== undefined)
}

/** Receiver of late elements of one side. */
export function lateOutput<T, K extends Key>(
  context: KeyedContext<K, never>,
  { late }: JoinSide<T, K> = {},
): (record: StreamRecord<T, K>) => void {
  return late === undefined ? context.late : context.side(late)
}

const { codec, version, migrate } = stateRules
const sideRules: OptionRules<JoinSide<never>> = { codec, version, migrate, late: anObject }

/** Rules of the options of joins. */
export const joinRules: KeyedRules & OptionRules<JoinOptions<never, never>> = {
  ...statefulRules,
  left: anObject,
  right: anObject,
}

/**
 * Checks the options of a join, those of its sides included.
 *
 * @throws BAD_OPTION
 */
export function checkJoin<L, R, K>(name: string, options: JoinOptions<L, R, K>, rules: KeyedRules = joinRules): void {
  const { left, right } = (options ?? {}) as JoinOptions<L, R, K>
  const ofSide = (side: 'left' | 'right', given: object | undefined) =>
    given !== undefined && anObject.is(given) ? optionProblems<object>(given, sideRules, `${side}.`) : []
  checkKeyed(name, options, rules, [...ofSide('left', left), ...ofSide('right', right)])
}
