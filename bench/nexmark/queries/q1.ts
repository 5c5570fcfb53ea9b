/** Currency conversion: prices in euros. */
import { map } from 'rxweft'
import { bidsOf, type Query } from '../query.ts'

/** Exact to a thousandth, as a decimal of SQL. */
export const euros = (price: number): number => (908 * price) / 1_000

export const q1: Query = (events) =>
  bidsOf(events).pipe(
    map(({ auction, bidder, price, dateTime, extra }) => ({ auction, bidder, price: euros(price), dateTime, extra })),
  )
