/** Monitor new users: who has registered and opened an auction within the same ten seconds. */
import { coGroup, keyBy, tumbling } from 'rxweft'
import { auctionsOf, personsOf, type Query } from '../query.ts'

export const q8: Query = (events) =>
  personsOf(events).pipe(
    keyBy(({ id }) => id),
    coGroup(
      auctionsOf(events).pipe(keyBy(({ seller }) => seller)),
      tumbling(10_000),
      (persons, auctions, { window: { start } }) =>
        auctions.length === 0 ? [] : persons.map(({ id, name }) => ({ id, name, stime: start })),
      { id: 'new-sellers' },
    ),
  )
