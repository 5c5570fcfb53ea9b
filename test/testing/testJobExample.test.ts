/** The example of the README, as a user would write it. */
import { defineJob, keyBy, map, memorySink, memorySource, scan, to } from 'rxweft'
import { testJob } from 'rxweft/testing'
import { expect, it } from 'vitest'

interface Click {
  readonly user: string
}

const clicks = memorySource<Click>()
const counts = memorySink<string>()

const job = defineJob('count-clicks', ({ from }) =>
  from(clicks).pipe(
    keyBy(({ user }) => user),
    scan((count) => count + 1, 0, { id: 'count', ttl: 3_600_000 }),
    map((count, { key }) => `${key} ${count}`),
    to(counts),
  ),
)

it('counts each click once, whenever it crashes', async () => {
  const test = testJob(job)
  test.source(clicks).push({ user: 'ann' }, { timestamp: 1_000 })
  test.source(clicks).push({ user: 'bob' }, { timestamp: 1_500 })
  expect(test.sink(counts).values).toEqual(['ann 1', 'bob 1'])
  expect(test.state<number>('count').get('ann')).toBe(1)

  await test.checkpoint()
  test.source(clicks).push({ user: 'ann' }, { timestamp: 2_000 })
  await test.restore()
  expect(test.sink(counts).committed).toEqual(['ann 1', 'bob 1'])
  expect(test.sink(counts).uncommitted).toEqual(['ann 2'])

  test.source(clicks).push({ user: 'ann' }, { timestamp: 3_602_000 })
  expect(test.sink(counts).drain()).toEqual(['ann 1', 'bob 1', 'ann 2', 'ann 1'])
  await test.end()
})
