/**
 * A small job with state: for each partition it counts the records and sums them up, and appends both to each value. So every
 * record that comes out tells whether the state fits the input: `17|4|35` is the value 17, the fourth, and 35 with all before it.
 */

import { pipe } from 'rxjs'
import type { StreamOperator } from '../../../src/stream.ts'
import type { Rxweft } from '../core/rxweft.ts'

export interface Total {
  readonly count: number
  readonly sum: number
}

export const totalsId = 'running-totals'

export function nextTotal({ count, sum }: Total = { count: 0, sum: 0 }, value: string): Total {
  return { count: count + 1, sum: sum + Number(value) }
}

export function withTotal(value: string, { count, sum }: Total): string {
  return `${value}|${count}|${sum}`
}

/** Shared, since there may be several sinks behind it. */
export function runningTotals(rxweft: Rxweft): StreamOperator<string, string> {
  const { keyBy } = rxweft['operators/keyBy']
  const { mapWithState } = rxweft['operators/mapWithState']
  const { share } = rxweft['operators/share']
  return pipe(
    keyBy((_: string, { split }) => split.partition),
    mapWithState(
      (total, value) => {
        const next = nextTotal(total, value)
        return [next, withTotal(value, next)]
      },
      { count: 0, sum: 0 },
      { id: totalsId },
    ),
    share(),
  )
}
