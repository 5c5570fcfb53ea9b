/**
 * Dedupe: a sender repeats an event if it is unsure whether it arrived, perhaps an hour later. Each
 * event passes once. The ids seen so far are state, kept per sender for a day of event time.
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
