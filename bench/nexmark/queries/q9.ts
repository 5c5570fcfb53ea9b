/** Winning bids: the highest bid of each auction, the earlier one of equal ones, as it changes. */
import { filter, flatMap, topN } from 'rxweft'
import { auctionBids, inTime } from '../auctionBids.ts'
import type { Query } from '../query.ts'

export const q9: Query = (events) =>
  auctionBids(events).pipe(
    filter(inTime),
    topN(1, (a, b) => b.bid.price - a.bid.price || a.bid.dateTime - b.bid.dateTime, { id: 'winners' }),
    flatMap((winners) =>
      winners.map(({ auction, bid: { auction: of, bidder, price, dateTime, extra } }) => ({
        ...auction,
        ...{ auction: of, bidder, price, bid_dateTime: dateTime, bid_extra: extra },
      })),
    ),
  )
