/** User sessions: bids of each user until a pause of ten seconds. */
import { keyBy, session, window } from 'rxweft'
import { bidsOf, type Query } from '../query.ts'

export const q11: Query = (events) =>
  bidsOf(events).pipe(
    keyBy(({ bidder }) => bidder),
    window(session(10_000)).aggregate(
      {
        create: () => 0,
        add: (count) => count + 1,
        merge: (a, b) => a + b,
        result: (count, { key, window: { start, end } }) => ({
          ...{ bidder: key, bid_count: count, starttime: start, endtime: end },
        }),
      },
      { id: 'sessions' },
    ),
  )
