/**
 * Sessions with late data: the clicks of a user are one visit as long as no half hour passes between two of them. They may come ten seconds out of
 * order, and one that does may make one visit of two; one that comes when its visit is over goes to a topic of its own.
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
  /** Its first click, ms since the epoch. */
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
