/** The job of the five-minute start, as start.md shows it. */
import { defineJob, flatMap, type Job, keyBy, map, type Source, scan, type TransactionalSink, to } from 'rxweft'

export function counting(lines: Source<string>, counts: TransactionalSink<string>): Job {
  return defineJob('counting', ({ from }) =>
    from(lines).pipe(
      flatMap((line) => line.split(' ')),
      keyBy((word) => word),
      scan((count) => count + 1, 0, { id: 'counts' }),
      map((count, { key }) => `${key} ${count}`),
      to(counts),
    ),
  )
}
