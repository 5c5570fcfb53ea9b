/** Highest bid: all bids of the highest price of each ten seconds. */
import { flatMap, keyBy, map, tumbling, window } from 'rxweft'
import type { Bid } from '../model.ts'
import { bidsOf, type Query } from '../query.ts'

export const q7: Query = (events) =>
  bidsOf(events).pipe(
    keyBy(() => 'all'),
    window(tumbling(10_000)).aggregate(
      { create: (): readonly Bid[] => [], add: highest, result: (bids) => bids },
      { id: 'highest' },
    ),
    flatMap((bids) => bids),
    map(({ auction, bidder, price, dateTime, extra }) => ({ auction, bidder, price, dateTime, extra })),
  )

function highest(bids: readonly Bid[], bid: Bid): readonly Bid[] {
  const price = bids[0]?.price ?? -1
  if (bid.price < price) return bids
  return bid.price > price ? [bid] : [...bids, bid]
}
