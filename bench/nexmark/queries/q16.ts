/** Bidding statistics of each channel and day, with the minute of the newest bid. */
import { keyBy } from 'rxweft'
import { bidStatistics } from '../bidStatistics.ts'
import { bidsOf, dayOf, minuteOf, type Query } from '../query.ts'

export const q16: Query = (events) =>
  bidStatistics(
    // Events come in the order of their time, so the minute of the newest one is the highest.
    bidsOf(events).pipe(keyBy(({ channel, dateTime }) => `${channel} ${dayOf(dateTime)}`)),
    ({ channel, dateTime }) => ({ channel, day: dayOf(dateTime), minute: minuteOf(dateTime) }),
  )
