import { checkOptionNames } from '../../options.ts'
import type { Key, StreamRecord } from '../../record.ts'
import { checkStateOptions, type StateOptions } from '../../state/stateOptions.ts'
import type { KeyedContext, StatefulOptions } from '../keyed/keyedStep.ts'
import type { AnySideOutput, SideOutput } from '../sideOutput.ts'

/** Options of one side of a join: how its elements are kept, and where late ones go. */
export interface JoinSide<T> extends Omit<StateOptions<T>, 'ttl'> {
  /**
   * Side output for late elements. Default: they are counted in event `late-records` and dropped.
   */
  readonly late?: SideOutput<T> | undefined
}

/** Options of joins. */
export interface JoinOptions<L, R> extends StatefulOptions {
  /** Options of the left side. Default: JSON, late elements are dropped. */
  readonly left?: JoinSide<L> | undefined
  /** Options of the right side. Default: JSON, late elements are dropped. */
  readonly right?: JoinSide<R> | undefined
}

/** Options of joins beside those of every operator with state. */
export const joinOptionNames = { left: true, right: true } as const

const sideNames = { codec: true, version: true, migrate: true, late: true } as const

/**
 * Checks the options of both sides.
 *
 * @param name name of the join, for messages
 * @throws BAD_OPTION
 */
export function checkSides<L, R>(name: string, { id, left = {}, right = {} }: JoinOptions<L, R>): void {
  for (const [side, options] of Object.entries({ left, right })) {
    checkOptionNames<JoinSide<unknown>>(`${name}.${side}`, options as JoinSide<unknown>, sideNames)
    checkStateOptions(id, options)
  }
}

export function lateOutputs<L, R>({ left, right }: JoinOptions<L, R>): readonly AnySideOutput[] {
  return [left?.late, right?.late].filter((output) => output !== undefined)
}

/** Receiver of late elements of one side. */
export function lateOutput<T, K extends Key>(
  context: KeyedContext<K, never>,
  { late }: JoinSide<T> = {},
): (record: StreamRecord<T, K>) => void {
  return late === undefined ? context.late : context.side(late)
}
