/** What joins take. */
import type { Key, StreamRecord } from '../../record.ts'
import type { StateOptions } from '../../state/stateOptions.ts'
import type { KeyedContext, StatefulOptions } from '../keyed/keyedStep.ts'
import type { AnySideOutput, SideOutput } from '../sideOutput.ts'

/** How elements of one side are kept until they have found all their partners, and where those go that come too late. */
export interface JoinSide<T> extends Omit<StateOptions<T>, 'ttl'> {
  /** Default: they are counted (the event `late-records`), and go nowhere. */
  readonly late?: SideOutput<T> | undefined
}

export interface JoinOptions<L, R> extends StatefulOptions {
  readonly left?: JoinSide<L> | undefined
  readonly right?: JoinSide<R> | undefined
}

export function lateOutputs<L, R>({ left, right }: JoinOptions<L, R>): readonly AnySideOutput[] {
  return [left?.late, right?.late].filter((output) => output !== undefined)
}

/** What takes late elements of one side. */
export function lateOutput<T, K extends Key>(
  context: KeyedContext<K, never>,
  { late }: JoinSide<T> = {},
): (record: StreamRecord<T, K>) => void {
  return late === undefined ? context.late : context.side(late)
}
