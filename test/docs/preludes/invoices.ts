/** A job whose result depends on its records alone. */
import { defineJob, type Job, map, type Source, type TransactionalSink, to } from 'rxweft'

export function invoicesByOffset(orders: Source<string>, invoices: TransactionalSink<string>): Job {
  return defineJob('invoices', ({ from }) =>
    from(orders).pipe(
      map((item, { split, offset }) => `${split.partition}-${offset + 1} ${item}`),
      to(invoices),
    ),
  )
}
