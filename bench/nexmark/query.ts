/** A query of Nexmark, and the job that runs it. */
import {
  boundedOutOfOrderness,
  defineJob,
  filter,
  type Job,
  map,
  type Source,
  type Stream,
  type TransactionalSink,
  to,
} from 'rxweft'
import { type Auction, type Bid, type Event, type Person, timeOf } from './model.ts'

/** A row of output. Queries that update their rows give them keys: the last row of a key counts. */
export type Row = Readonly<Record<string, string | number | null>>

export type Query = (events: Stream<Event>) => Stream<Row>

/** As in the reference: events are at most 4 s late. */
const lateness = 4_000

export function nexmarkJob(name: string, query: Query, source: Source<Event>, sink: TransactionalSink<Row>): Job {
  return defineJob(name, ({ from }) =>
    query(from(source, boundedOutOfOrderness(lateness).withTimestamps(timeOf))).pipe(to(sink)),
  )
}

export const bidsOf = (events: Stream<Event>): Stream<Bid> =>
  events.pipe(
    filter((event): event is Event & { readonly bid: Bid } => event.event_type === 2),
    map(({ bid }) => bid),
  )

export const auctionsOf = (events: Stream<Event>): Stream<Auction> =>
  events.pipe(
    filter((event): event is Event & { readonly auction: Auction } => event.event_type === 1),
    map(({ auction }) => auction),
  )

export const personsOf = (events: Stream<Event>): Stream<Person> =>
  events.pipe(
    filter((event): event is Event & { readonly person: Person } => event.event_type === 0),
    map(({ person }) => person),
  )

/** yyyy-MM-dd in UTC. */
export function dayOf(ms: number): string {
  const day = Math.floor(ms / 86_400_000)
  if (day !== lastDay) {
    lastDay = day
    lastText = new Date(ms).toISOString().slice(0, 10)
  }
  return lastText
}

/** A day is a text that is asked for again and again. */
let lastDay = Number.NaN
let lastText = ''

/** HH:mm in UTC. */
export function minuteOf(ms: number): string {
  const minutes = Math.floor(ms / 60_000) % 1_440
  return `${`${Math.floor(minutes / 60)}`.padStart(2, '0')}:${`${minutes % 60}`.padStart(2, '0')}`
}
