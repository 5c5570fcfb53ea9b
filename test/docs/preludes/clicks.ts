/** The job of the page on testing. */
import { defineJob, keyBy, type MemorySink, type MemorySource, map, memorySink, memorySource, scan, to } from 'rxweft'

interface Click {
  readonly user: string
}

export const clicks: MemorySource<Click> = memorySource<Click>()
export const counts: MemorySink<string> = memorySink<string>()
export const job = defineJob('count-clicks', ({ from }) =>
  from(clicks).pipe(
    keyBy(({ user }) => user),
    scan((count) => count + 1, 0, { id: 'count', ttl: 3_600_000 }),
    map((count, { key }) => `${key} ${count}`),
    to(counts),
  ),
)
