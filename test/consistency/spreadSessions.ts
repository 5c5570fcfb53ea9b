/** Sessions with late clicks over shards: the clicks of each user go through a topic to the shard that has the user. */
import {
  boundedOutOfOrderness,
  defineJob,
  type Job,
  json,
  keyBy,
  type RepartitionTopic,
  type Source,
  session,
  sideOutput,
  type TransactionalSink,
  text,
  to,
  window,
} from 'rxweft'
import type { RepartitionEnds } from '../../examples/program/ends.ts'
import type { Click, Visit } from '../../examples/sessions.ts'

/** Longest time between two clicks of a visit, ms. */
export const gap = 30 * 60_000

/** How much a click may be out of order, ms. */
export const outOfOrder = 10_000

function spreadSessions(
  clicks: Source<Click>,
  byUser: RepartitionTopic<Click, string>,
  visits: TransactionalSink<Visit>,
  late: TransactionalSink<Click>,
): Job {
  return defineJob('spread-sessions', ({ from, repartition }) => {
    const tooLate = sideOutput<Click>()
    return [
      from(
        clicks,
        boundedOutOfOrderness(outOfOrder).withTimestamps(({ at }) => at),
      ).pipe(
        keyBy(({ user }) => user),
        repartition(byUser),
        window(session(gap), { late: tooLate }).process(
          (clicks, { key, window }) => ({ user: key, since: window.start, pages: clicks.map(({ page }) => page) }),
          { id: 'visits' },
        ),
        to(visits),
      ),
      tooLate.pipe(to(late)),
    ]
  })
}

/** Four partitions, so at most four shards. */
export const onTopics = ({ source, topic, sink }: RepartitionEnds): Job =>
  spreadSessions(
    source('clicks', json<Click>()),
    topic({ name: 'by-user', partitions: 4, key: text, value: json<Click>() }),
    sink('visits', json()),
    sink('late-clicks', json()),
  )
