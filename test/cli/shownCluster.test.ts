import { describe, expect, it } from 'vitest'
import type { Facts } from '../../src/cli/jobStatus.ts'
import { shownCluster } from '../../src/cli/shownCluster.ts'
import { abortController } from '../../src/clock.ts'
import type { ClusterView } from '../../src/console/view.ts'
import { RetriableError } from '../../src/errors.ts'
import { virtualClock } from '../../src/testing/virtualClock.ts'

const split = (partition: number, offset: number) => ({ topic: 'in', partition, offset })

/** Facts of a job of two shards, at its checkpoint `checkpoint`. */
function factsAt(now: number, checkpoint: number): Facts {
  const entry = (owner: string, offset: number) => ({
    ...{ version: 2, job: 'orders', owner, checkpoint, prepared: [], sinks: [], final: false },
    positions: [{ source: 'orders', splits: [split(0, offset), split(1, offset)] }],
    snapshot: { bytes: 7 },
  })
  const ledger = ['a', 'b'].map((owner) => ({ entry: entry(owner, 4), committedAt: now - 30 }))
  const endOf = ({ partition }: { readonly partition: number }) => (partition === 0 ? 10 : null)
  return { job: 'orders', plan: null, members: new Map(), ledger, endOf, now } as unknown as Facts
}

function shown() {
  const clock = virtualClock()
  const it = { clock, answer: (): Promise<Facts> => Promise.resolve(factsAt(clock.now(), 1)), asked: 0 }
  const { signal } = abortController()
  const facts = () => {
    it.asked += 1
    return it.answer()
  }
  const page = shownCluster({ name: 'orders', clock, signal, since: clock.now(), facts })
  const view = () => page.part('cluster') as ClusterView
  return Object.assign(it, { page, view })
}

describe('the page of a job that is seen from its cluster', () => {
  it('has only what the cluster knows, and no buttons', async () => {
    const { page, view } = shown()
    expect(page.parts).toEqual(['cluster'])
    expect([page.stop, page.savepoint]).toEqual([undefined, undefined])
    expect(view()).toMatchObject({ readAt: null, shards: [], commits: [] })
    expect((await page.read())()).toEqual(['cluster'])
    expect(view().shards).toMatchObject([
      { shard: 0, owner: 'a', state: 'unknown', checkpoint: 1, lag: null, bytes: 7 },
      { shard: 1, owner: 'b', checkpoint: 1 },
    ])
  })

  it('puts partitions of which nothing is known before those with lag', async () => {
    const { page, view } = shown()
    await page.read()
    expect(view().partitions.map(({ shard, partition, lag }) => [shard, partition, lag])).toEqual([
      [0, 1, null],
      [1, 1, null],
      [0, 0, 6],
      [1, 0, 6],
    ])
  })

  it('lists each checkpoint of a shard once, the newest last, and a bounded number of them', async () => {
    const it = shown()
    await it.page.read()
    await it.page.read()
    expect(it.view().commits.map(({ shard, number }) => [shard, number])).toEqual([
      [0, 1],
      [1, 1],
    ])
    for (let number = 2; number < 50; number++) {
      it.answer = async () => factsAt(it.clock.now(), number)
      await it.page.read()
    }
    expect(it.view().commits).toHaveLength(60)
    expect(it.view().commits.at(-1)).toMatchObject({ shard: 1, number: 49, bytes: 7 })
  })

  it('keeps what was last read, with its time, when the cluster cannot be read, and says why', async () => {
    const it = shown()
    await it.page.read()
    const { readAt } = it.view()
    it.answer = () => Promise.reject(new RetriableError('CONNECTION_LOST', 'no broker answers'))
    await it.page.read()
    expect(it.view()).toMatchObject({
      readAt,
      failure: { code: 'CONNECTION_LOST' },
      shards: [{ checkpoint: 1 }, {}],
    })
    it.answer = async () => factsAt(it.clock.now(), 2)
    await it.page.read()
    expect(it.view()).toMatchObject({ failure: null, shards: [{ checkpoint: 2 }, {}] })
  })

  it('goes on without a reading that hangs, and begins no second one meanwhile', async () => {
    const it = shown()
    it.answer = () => new Promise(() => undefined)
    for (const round of [1, 2]) {
      const read = it.page.read()
      await it.clock.advance(2_000)
      expect((await read)(), `round ${round}`).toEqual(['cluster'])
    }
    expect(it.asked).toBe(1)
    expect(it.view().readAt).toBeNull()
  })
})
