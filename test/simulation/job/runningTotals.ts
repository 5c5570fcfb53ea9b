/**
 * A small operator with state: for each partition it counts the records and sums them up, and appends both to each value. So every
 * record that comes out tells whether the state fits the input: `17|4|35` is the value 17, the fourth, and 35 with all before it.
 */
import type { Json } from '../../../src/element.ts'
import type { ElementOperator } from '../../../src/operators/operate.ts'
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

export function runningTotals({ element, 'operators/operate': operators }: Rxweft): ElementOperator<string, string> {
  return operators.operate<string, string>(totalsId, (out) => {
    let totals = new Map<string, Total>()
    return {
      restore(restore) {
        totals = new Map(Object.entries((restore.states.get(totalsId) ?? {}) as unknown as Record<string, Total>))
        out.next(restore)
      },
      record(record) {
        const partition = String(record.split.partition)
        const total = nextTotal(totals.get(partition), record.value)
        totals.set(partition, total)
        out.next(element.withValue(record, withTotal(record.value, total)))
      },
      barrier: (barrier) =>
        out.next(element.withState(barrier, totalsId, Object.fromEntries(totals) as unknown as Json)),
    }
  })
}
