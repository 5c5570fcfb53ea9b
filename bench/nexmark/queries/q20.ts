/** Expand a bid with its auction, in one category. A join without bounds. */
import { map } from 'rxweft'
import { auctionBids } from '../auctionBids.ts'
import type { Query } from '../query.ts'

export const q20: Query = (events) =>
  auctionBids(events, ({ category }) => category === 10).pipe(
    map(({ auction, bid }) => {
      const { id: _, dateTime: opened, extra: more, ...item } = auction
      const { dateTime, extra, ...offer } = bid
      const times = { bid_dateTime: dateTime, auction_dateTime: opened }
      return { ...offer, ...item, ...times, bid_extra: extra, auction_extra: more }
    }),
  )
