/** Selection: bids of some auctions. */
import { filter, map } from 'rxweft'
import { bidsOf, type Query } from '../query.ts'

export const q2: Query = (events) =>
  bidsOf(events).pipe(
    filter(({ auction }) => auction % 123 === 0),
    map(({ auction, price }) => ({ auction, price })),
  )
