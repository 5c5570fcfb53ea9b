/** Last bid of each bidder for each auction, as it changes. */
import { keyBy, latestByKey, map } from 'rxweft'
import { bidsOf, type Query } from '../query.ts'

export const q18: Query = (events) =>
  bidsOf(events).pipe(
    keyBy(({ bidder, auction }) => `${bidder} ${auction}`),
    latestByKey({ id: 'last-bids' }),
    map((bid) => ({ ...bid })),
  )
