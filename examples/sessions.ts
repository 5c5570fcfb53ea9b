/**
 * Sessions with late data: clicks of a user with less than half an hour between them are one visit.
 * Clicks may arrive ten seconds out of order, and such a click may merge two visits. A click that
 * arrives after the end of its visit goes to another topic.
 *
 *   npm run example -- sessions
 */
import {
  boundedOutOfOrderness,
  defineJob,
  type Job,
  json,
  keyBy,
  type Source,
  session,
  sideOutput,
  type TransactionalSink,
  to,
  window,
} from 'rxweft'
import { z } from 'zod'
import type { Ends } from './program/ends.ts'

const click = z.object({ user: z.string(), page: z.string(), at: z.number() })
export type Click = z.infer<typeof click>

export interface Visit {
  readonly user: string
  /** Time of the first click, ms since the epoch. */
  readonly since: number
  readonly pages: readonly string[]
}

export function sessions(clicks: Source<Click>, visits: TransactionalSink<Visit>, late: TransactionalSink<Click>): Job {
  return defineJob('sessions', ({ from }) => {
    const tooLate = sideOutput<Click>()
    return [
      from(
        clicks,
        boundedOutOfOrderness(10_000).withTimestamps((click) => click.at),
      ).pipe(
        keyBy((click) => click.user),
        window(session(30 * 60_000), { late: tooLate }).process(
          (clicks, { key, window }) => ({ user: key, since: window.start, pages: clicks.map(({ page }) => page) }),
          { id: 'visits' },
        ),
        to(visits),
      ),
      tooLate.pipe(to(late)),
    ]
  })
}

export const onTopics = ({ source, sink }: Ends): Job =>
  sessions(source('clicks', click), sink('visits', json()), sink('late-clicks', click))
