/** Adds up what each customer has ordered. */
import { defineJob, filter, type Job, keyBy, map, type Source, scan, type TransactionalSink, to } from 'rxweft'

export interface Order {
  readonly customer: string
  readonly cents: number
}

export interface Total {
  readonly customer: string
  readonly cents: number
}

/** A function of its ends: those of Kafka in main.ts, others in tests. */
export function totals(orders: Source<Order>, sums: TransactionalSink<Total>): Job {
  return defineJob('totals', ({ from }) =>
    from(orders).pipe(
      filter(({ cents }) => cents > 0),
      keyBy(({ customer }) => customer),
      // The sum of each customer is a part of every checkpoint, and is found again by its id.
      scan((sum, { cents }) => sum + cents, 0, { id: 'sums' }),
      map((cents, { key }) => ({ customer: key, cents })),
      to(sums),
    ),
  )
}
