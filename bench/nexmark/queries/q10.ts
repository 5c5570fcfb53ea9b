/** Log: all bids with day and minute. The reference writes files by them; here they go to Kafka, as all others. */
import { map } from 'rxweft'
import { bidsOf, dayOf, minuteOf, type Query } from '../query.ts'

export const q10: Query = (events) =>
  bidsOf(events).pipe(
    map(({ auction, bidder, price, dateTime, extra }) => ({
      ...{ auction, bidder, price, dateTime, extra },
      ...{ dt: dayOf(dateTime), hm: minuteOf(dateTime) },
    })),
  )
