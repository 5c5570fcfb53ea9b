/** Local item suggestion: who sells in some states, in one category. A join without bounds. */
import { filter, keyBy, keyedProcess, listState, valueState } from 'rxweft'
import type { Person } from '../model.ts'
import type { Query } from '../query.ts'

const states = ['OR', 'ID', 'CA']

export const q3: Query = (events) =>
  events.pipe(
    filter(
      (event) =>
        (event.event_type === 0 && states.includes(event.person.state)) ||
        (event.event_type === 1 && event.auction.category === 10),
    ),
    keyBy((event) => (event.event_type === 0 ? event.person.id : event.event_type === 1 ? event.auction.seller : 0)),
    keyedProcess(
      {
        state: { seller: valueState<Person>(), waiting: listState<number>() },
        onElement(event, { state }) {
          if (event.event_type === 0) state.seller.set(event.person)
          if (event.event_type === 1) state.waiting.add(event.auction.id)
          const seller = state.seller.get()
          if (seller === undefined) return []
          const ids = state.waiting.get()
          state.waiting.clear()
          const { name, city, state: where } = seller
          return ids.map((id) => ({ name, city, state: where, id }))
        },
      },
      { id: 'sellers' },
    ),
  )
