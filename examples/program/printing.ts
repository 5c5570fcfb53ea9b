/** A job that prints the committed records of topics. */
import { defineJob, filter, type Job, memorySink, tap, text, to } from 'rxweft'
import type { Ground, Until } from './ends.ts'

export function printing(ground: Ground, topics: readonly string[], until: Until): Job {
  return defineJob('printing', ({ from }) =>
    topics.map((topic) =>
      from(ground.source(topic, text, until)).pipe(
        tap((value) => console.log(`${topic} -> ${value}`)),
        filter(() => false),
        to(memorySink({ id: `printed ${topic}` })),
      ),
    ),
  )
}
