/** Add channel id: of well-known channels by their names, of others by the address. */
import { flatMap } from 'rxweft'
import { bidsOf, type Query } from '../query.ts'

const known = new Map([
  ['apple', '0'],
  ['google', '1'],
  ['facebook', '2'],
  ['baidu', '3'],
])

export const q21: Query = (events) =>
  bidsOf(events).pipe(
    flatMap(({ auction, bidder, price, channel, url }) => {
      const id = known.get(channel.toLowerCase()) ?? /(&|^)channel_id=([^&]*)/.exec(url)?.[2]
      return id === undefined ? [] : [{ auction, bidder, price, channel, channel_id: id }]
    }),
  )
