import { describe, expect, it } from 'vitest'
import { embeddedRepartition } from '../../../src/embedded/embeddedRepartition.ts'
import { embeddedSink } from '../../../src/embedded/embeddedSink.ts'
import { embeddedSource } from '../../../src/embedded/embeddedSource.ts'
import { defineJob } from '../../../src/job/defineJob.ts'
import { keyBy } from '../../../src/operators/keyBy.ts'
import { to } from '../../../src/operators/to.ts'
import { text } from '../../../src/serde/text.ts'
import { replay } from '../../../src/testing/replay/replay.ts'
import { first, orders, production, second } from './production.ts'

async function twice() {
  const made = await production()
  await made.processes('before', first)
  await made.processes('after', second)
  return made
}

describe('replay', () => {
  it('arrives at the state of the later savepoint, and writes nothing', async () => {
    const { log, storage, job } = await twice()
    const written = [...log.read('totals', 0), ...log.read('totals', 1)].length
    const replayed = await replay(job, { storage, from: 'before', to: 'after' })
    expect(replayed.input.map(({ value }) => value)).toEqual(second)
    expect(replayed.differences()).not.toEqual([])
    await replayed.finish()
    expect(replayed.state('sums').get('ann')).toBe(607)
    expect(replayed.left).toBe(0)
    expect([...log.read('totals', 0), ...log.read('totals', 1)]).toHaveLength(written)
  })

  it('steps through the records as production had them, with the state in between', async () => {
    const { storage, job } = await twice()
    const replayed = await replay(job, { storage, from: 'before', to: 'after' })
    expect(replayed.state('sums').get('ann')).toBe(500)
    expect(replayed.step()).toMatchObject([{ value: { customer: 'ann' }, timestamp: 900 }])
    expect(replayed.state('sums').get('ann')).toBe(600)
    expect(replayed.sink('totals').values).toEqual([600])
    replayed.step(1)
    const [input, totals] = replayed.marbles().split('\n')
    expect(input).toMatch(/orders +-<\{"customer":"ann","cents":100,"at":900\}>-<\{"customer":"bob"/)
    expect(totals).toMatch(/totals +-<600>-+<300>-+$/)
    expect(replayed.left).toBe(2)
  })

  it('names what differs if it is another version', async () => {
    const { log, storage } = await twice()
    const wrong = orders(log, { worth: ({ cents, customer }) => (customer === 'ann' ? cents + 1 : cents) })
    const replayed = await replay(wrong, { storage, from: 'before', to: 'after' })
    await expect(replayed.finish()).rejects.toMatchObject({
      code: 'REPLAY_DIFFERS',
      message: expect.stringContaining('sums (state) of key ann'),
    })
    expect(replayed.differences()).toContainEqual({
      ...{ operator: 'sums', state: 'state', key: 'ann', expected: 607, actual: 609 },
    })
  })

  it('says that there is no such savepoint or shard, and refuses repartition topics', async () => {
    const { log, storage, job } = await twice()
    const range = { storage, from: 'before', to: 'after' }
    await expect(replay(job, { ...range, to: 'never' })).rejects.toMatchObject({ code: 'SAVEPOINT_MISSING' })
    await expect(replay(job, { ...range, shard: 1 })).rejects.toMatchObject({ code: 'SHARD_MISSING' })
    const words = embeddedRepartition(log, { name: 'words', partitions: 2, key: text, value: text })
    const middle = defineJob(
      'orders',
      ({ from, repartition }) =>
        from(embeddedSource(log, { topic: 'orders', value: text })).pipe(
          keyBy((word) => word),
          repartition(words),
          to(embeddedSink(log, { topic: 'totals', value: text })),
        ),
      { allowDropped: { state: true, sinks: ['embeddedSink:seconds'] } },
    )
    await expect(replay(middle, range)).rejects.toMatchObject({ code: 'CANNOT_REPLAY' })
  })
})
