/** Calculation: bids within a range of prices, with the time of day and the letters c of a text. */
import { filter, map } from 'rxweft'
import { bidsOf, type Query } from '../query.ts'
import { euros } from './q1.ts'

export const q14: Query = (events) =>
  bidsOf(events).pipe(
    filter(({ price }) => euros(price) > 1_000_000 && euros(price) < 50_000_000),
    map(({ auction, bidder, price, dateTime, extra }) => ({
      ...{ auction, bidder, price: euros(price), bidTimeType: timeOfDay(dateTime), dateTime, extra },
      c_counts: lettersC(extra),
    })),
  )

function timeOfDay(ms: number): string {
  const hour = Math.floor(ms / 3_600_000) % 24
  if (hour >= 8 && hour <= 18) return 'dayTime'
  return hour <= 6 || hour >= 20 ? 'nightTime' : 'otherTime'
}

function lettersC(text: string): number {
  let count = 0
  for (let at = text.indexOf('c'); at >= 0; at = text.indexOf('c', at + 1)) count += 1
  return count
}
