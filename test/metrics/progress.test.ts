import { expect, it } from 'vitest'
import { eventMetrics } from '../../src/job/metrics/eventMetrics.ts'
import { progress } from '../../src/job/metrics/progress.ts'
import { gather } from '../../src/metrics/gather.ts'

const clock = { monotonic: () => 1_000 }
const nobody = { takeover: () => undefined, checkpoint: () => undefined }

it('a plan takes from a process the shards that it gives to others, and no more', () => {
  const { tell, shards } = progress(3, clock, nobody)
  tell({ type: 'plan', plan: 2, shards: [0, 2], members: 2 })
  expect([...shards.keys()]).toEqual([0, 2])
})

it('each takeover is counted with the time that it took', () => {
  let now = 1_000
  const metrics = eventMetrics('orders', 1, { monotonic: () => now })
  metrics.tell({ type: 'started', attempt: 'a', shard: 0 })
  now += 250
  metrics.tell({ type: 'restored', checkpoint: 7, shard: 0 })
  const found = gather({ job: 'orders' })
  metrics.read(found)
  expect(found.all.find(({ name }) => name === 'shard.takeover')).toMatchObject({
    value: 0.25,
    distribution: { count: 1 },
  })
})
