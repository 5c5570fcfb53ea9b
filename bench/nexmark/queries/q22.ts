/** Directories of the address of each bid. */
import { map } from 'rxweft'
import { bidsOf, type Query } from '../query.ts'

export const q22: Query = (events) =>
  bidsOf(events).pipe(
    map(({ auction, bidder, price, channel, url }) => {
      const [, , , dir1 = null, dir2 = null, dir3 = null] = url.split('/')
      return { auction, bidder, price, channel, dir1, dir2, dir3 }
    }),
  )
