/** The ten highest bids of each auction, as they change: one row for each rank. */
import { flatMap, keyBy, topN } from 'rxweft'
import { bidsOf, type Query } from '../query.ts'

export const q19: Query = (events) =>
  bidsOf(events).pipe(
    keyBy(({ auction }) => auction),
    topN(10, (a, b) => b.price - a.price, { id: 'highest' }),
    // Ranks change from the new bid on. Another bid of the same ms may be before it: a row too many.
    flatMap((bids, { timestamp }) => {
      const from = bids.findIndex(({ dateTime }) => dateTime === timestamp)
      return bids.slice(from).map((bid, at) => ({ ...bid, rank_number: from + at + 1 }))
    }),
    keyBy(({ auction, rank_number }) => `${auction} ${rank_number}`),
  )
