/** Average price for a category: of the highest bids of its auctions, as they rise. */
import { filter, keyBy, keyedProcess, map, scan, valueState } from 'rxweft'
import { type AuctionBid, auctionBids, inTime } from '../auctionBids.ts'
import type { Query } from '../query.ts'

export const q4: Query = (events) =>
  auctionBids(events).pipe(
    filter(inTime),
    keyedProcess(
      {
        state: { highest: valueState<number>() },
        onElement({ auction: { category }, bid: { price } }: AuctionBid, { state }) {
          const highest = state.highest.get()
          if (highest !== undefined && price <= highest) return []
          state.highest.set(price)
          return [{ category, more: price - (highest ?? 0), auctions: highest === undefined ? 1 : 0 }]
        },
      },
      { id: 'rises' },
    ),
    keyBy(({ category }) => category),
    scan(
      ({ sum, auctions }, rise) => ({ sum: sum + rise.more, auctions: auctions + rise.auctions }),
      { sum: 0, auctions: 0 },
      { id: 'averages' },
    ),
    map(({ sum, auctions }, { key }) => ({ id: key, final: Math.trunc(sum / auctions) })),
  )
