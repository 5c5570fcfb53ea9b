/** Bidding statistics of each day. */
import { keyBy } from 'rxweft'
import { bidStatistics } from '../bidStatistics.ts'
import { bidsOf, dayOf, type Query } from '../query.ts'

export const q15: Query = (events) =>
  bidStatistics(bidsOf(events).pipe(keyBy(({ dateTime }) => dayOf(dateTime))), (_, day) => ({ day }))
