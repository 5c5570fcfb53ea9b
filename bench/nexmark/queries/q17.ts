/** Statistics of the prices of each auction and day. */
import { aggregate, keyBy, map } from 'rxweft'
import type { Bid } from '../model.ts'
import { bidsOf, dayOf, type Query } from '../query.ts'

const none = { bids: 0, rank1: 0, rank2: 0, rank3: 0, min: Number.MAX_SAFE_INTEGER, max: 0, sum: 0 }

export const q17: Query = (events) =>
  bidsOf(events).pipe(
    keyBy(({ auction, dateTime }) => `${auction} ${dayOf(dateTime)}`),
    aggregate({ create: () => none, add: counted, result: (prices) => prices }, { id: 'prices' }),
    map(({ bids, rank1, rank2, rank3, min, max, sum }, { key }) => ({
      ...{ auction: Number(key.split(' ')[0]), day: key.split(' ')[1] as string, total_bids: bids },
      ...{ rank1_bids: rank1, rank2_bids: rank2, rank3_bids: rank3, min_price: min, max_price: max },
      ...{ avg_price: Math.trunc(sum / bids), sum_price: sum },
    })),
  )

function counted({ bids, rank1, rank2, rank3, min, max, sum }: typeof none, { price }: Bid): typeof none {
  return {
    bids: bids + 1,
    rank1: rank1 + (price < 10_000 ? 1 : 0),
    rank2: rank2 + (price >= 10_000 && price < 1_000_000 ? 1 : 0),
    rank3: rank3 + (price >= 1_000_000 ? 1 : 0),
    min: Math.min(min, price),
    max: Math.max(max, price),
    sum: sum + price,
  }
}
