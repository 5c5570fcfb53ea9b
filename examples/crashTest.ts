/**
 * Finds a bug that appears only after a crash: `invoices` counts in a variable, which is not a part
 * of a checkpoint.
 *
 *   npm run example -- crashTest
 *
 * A job under a crash test takes its source and sink as arguments: those of Kafka in production,
 * those of the test here.
 */
import { defineJob, filter, type Job, map, type Source, type TransactionalSink, to } from 'rxweft'
import { crashTest } from 'rxweft/testing'

export interface Order {
  readonly item: string
  readonly paid: boolean
}

export interface Invoice {
  readonly number: number
  readonly item: string
}

type Ends = readonly [orders: Source<Order>, invoices: TransactionalSink<Invoice>]

/** Wrong: a restart forgets `count`, or still counts records that are read again. */
export function invoicesByCount(...[orders, invoices]: Ends): Job {
  let count = 0
  return defineJob('invoices', ({ from }) =>
    from(orders).pipe(
      filter((order) => order.paid),
      map((order) => ({ number: ++count, item: order.item })),
      to(invoices),
    ),
  )
}

/** Right: the number comes from the record, so it is the same each time that the record is read. */
export function invoicesByOffset(...[orders, invoices]: Ends): Job {
  return defineJob('invoices', ({ from }) =>
    from(orders).pipe(
      filter((order) => order.paid),
      map((order, { offset }) => ({ number: offset + 1, item: order.item })),
      to(invoices),
    ),
  )
}

export const orders: readonly Order[] = ['apple', 'book', 'chair', 'desk', 'egg', 'fork'].map((item, at) => ({
  item,
  paid: at !== 2,
}))

/** For `npm run example -- crashTest`. */
export async function print(say: (line: string) => void): Promise<void> {
  for (const invoices of [invoicesByCount, invoicesByOffset]) {
    const tested = crashTest(({ source, sink }) => invoices(source('orders'), sink('invoices')), { input: { orders } })
    const found = await tested.then(
      ({ runs }) => `${runs} crashes, no difference`,
      (error: Error) => error.message,
    )
    say(`\n${invoices.name}: ${found}`)
  }
}
