/** Pass-through: all bids. */
import { map } from 'rxweft'
import { bidsOf, type Query } from '../query.ts'

export const q0: Query = (events) =>
  bidsOf(events).pipe(
    map(({ auction, bidder, price, dateTime, extra }) => ({ auction, bidder, price, dateTime, extra })),
  )
