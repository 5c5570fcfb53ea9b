/**
 * Dedupe: a sender that is not sure whether we have got an event sends it again, an hour later perhaps. Each event goes on once: which ones
 * have been seen is state, by the sender, and is forgotten after a day of event time.
 *
 *   npm run example -- dedupe
 */
import {
  boundedOutOfOrderness,
  dedupe,
  defineJob,
  type Job,
  json,
  keyBy,
  type Source,
  type TransactionalSink,
  to,
} from 'rxweft'
import type { Ends } from './program/ends.ts'

export interface Event {
  readonly id: string
  readonly sender: string
}

const day = 24 * 60 * 60_000

export function once(events: Source<Event>, unique: TransactionalSink<Event>): Job {
  return defineJob('once', ({ from }) =>
    from(events, boundedOutOfOrderness(60_000)).pipe(
      keyBy(({ sender }) => sender),
      dedupe(({ id }) => id, day, { id: 'seen' }),
      to(unique),
    ),
  )
}

export const onTopics = ({ source, sink }: Ends): Job => once(source('events', json<Event>()), sink('unique', json()))
