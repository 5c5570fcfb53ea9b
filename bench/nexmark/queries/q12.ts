/** Processing time: bids of each user in ten seconds of the clock. */
import { keyBy, processingTime, tumbling, window } from 'rxweft'
import { bidsOf, type Query } from '../query.ts'

export const q12: Query = (events) =>
  bidsOf(events).pipe(
    keyBy(({ bidder }) => bidder),
    window(processingTime(tumbling(10_000))).aggregate(
      {
        create: () => 0,
        add: (count) => count + 1,
        result: (count, { key, window: { start, end } }) => ({
          ...{ bidder: key, bid_count: count, starttime: start, endtime: end },
        }),
      },
      { id: 'counts' },
    ),
  )
