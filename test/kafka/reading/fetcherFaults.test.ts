import { describe, expect, test } from 'vitest'
import type { RxweftError } from '../../../src/errors.ts'
import { leaders as leadersOf } from '../../../src/kafka/nodes/leaders.ts'
import { epochHistory } from '../../../src/kafka/reading/epochHistory.ts'
import { type Chunk, type FetchedSplit, fetcher } from '../../../src/kafka/reading/fetcher.ts'
import type { Notice } from '../../../src/notice.ts'
import { virtualClock } from '../../../src/testing/virtualClock.ts'
import { type Batch, fakeLeaders, leadTopic, lost, never } from '../fakeLeaders.ts'

const kib = 1024
const limits = { maxWait: 500, partitionBytes: 512 * kib, partitionsAtOnce: 2 }

interface Start {
  readonly offset?: number
  readonly epoch?: number
  readonly bound?: number
}

/** A fetcher over a few fake brokers. What arrives is taken at once, unless `slow`. */
async function reading(nodes: number, partitions: number, slow = false) {
  const clock = virtualClock()
  const fake = fakeLeaders(clock, nodes, partitions)
  const ended = new AbortController()
  const failures: RxweftError[] = []
  const notices: Notice[] = []
  const settled: number[] = []
  const offsets: number[][] = fake.partitions.map(() => [])
  const waiting: Chunk<FetchedSplit>[] = []
  const attempt = {
    clock,
    signal: ended.signal,
    fail(error: unknown) {
      failures.push(error as RxweftError)
      ended.abort()
    },
    tell: (notice: Notice) => void notices.push(notice),
  }
  const leaders = leadersOf(attempt, fake.connections)
  await leaders.topic(leadTopic)
  const fetching = fetcher<FetchedSplit>(attempt, fake.connections, leaders, limits, {
    held: () => false,
    settled: ({ partition }) => void settled.push(partition),
    arrived(chunk) {
      const { partition, fetchOffset } = chunk.split
      offsets[partition]?.push(fetchOffset)
      if (slow) waiting.push(chunk)
      else queueMicrotask(() => chunk.taken())
    },
  })
  const splits = fake.partitions.map((_, partition): FetchedSplit => {
    return {
      topic: leadTopic,
      topicId: 'id',
      partition,
      fetchOffset: 0,
      bound: Infinity,
      ...fresh(0),
      unconfirmed: false,
    }
  })
  return {
    ...{ clock, fake, failures, notices, settled, offsets, waiting, splits, leaders },
    start(at: Start = {}) {
      const { offset = 0, epoch, bound = Infinity } = at
      for (const split of splits) {
        Object.assign(split, { fetchOffset: offset, bound, ...fresh(offset, epoch), unconfirmed: epoch !== undefined })
      }
      fetching.add(splits)
    },
    add: (...some: readonly number[]) => fetching.add(some.map((at) => splits[at] as FetchedSplit)),
    stop: () => ended.abort(),
  }
}

const fresh = (offset: number, epoch?: number) => ({ epochs: epochHistory(offset, epoch) })
const records = (count: number, epoch = 0, bytes = 10): Batch[] =>
  Array.from({ length: count }, () => ({ epoch, bytes }))

describe('a leader that has had nothing for ten seconds', () => {
  test('is asked less often, until it has a record', async () => {
    const { clock, fake, start, offsets } = await reading(1, 2)
    start()
    await clock.advanceAsync(10_000)
    expect(waits(fake).slice(0, -1)).toEqual(new Array(20).fill(500))
    fake.fetches.length = 0
    await clock.advanceAsync(60_000)
    expect(waits(fake)).toEqual(new Array(12).fill(5_000))
    fake.partitions[1]?.log.push(...records(1))
    await clock.advanceAsync(10_000)
    expect(offsets[1]).toEqual([1])
    expect(waits(fake).at(-1)).toBe(500)
  })

  test('is asked at once for a split that is new, or comes from another leader', async () => {
    const { clock, fake, add, offsets, failures } = await reading(2, 3)
    add(0)
    await clock.advanceAsync(20_100)
    fake.fetches.length = 0
    fake.partitions[2]?.log.push(...records(1))
    add(2)
    await clock.advanceAsync(1)
    expect(offsets[2]).toEqual([1])
    expect(fake.fetches.map(({ node, args }) => [node, args.partitions.map(({ partition }) => partition)])[0]).toEqual([
      1,
      [0, 2],
    ])
    expect(failures).toEqual([])
  })

  test('is noticed once it is silent for longer than that', async () => {
    const { clock, fake, start, offsets } = await reading(2, 1)
    start()
    await clock.advanceAsync(15_000)
    fake.before = (node) => (node === 1 ? never() : undefined)
    Object.assign(fake.partitions[0] as object, { leader: 2, epoch: 1, log: records(1, 1) })
    await clock.advanceAsync(10_000)
    expect(offsets[0]).toEqual([1])
  })
})

const waits = ({ fetches }: { readonly fetches: readonly { readonly args: { readonly maxWait: number } }[] }) =>
  fetches.map(({ args }) => args.maxWait)

describe('turns', () => {
  /** However often the line is looked at in between, which is twice for each answer that brings one chunk, and so on. */
  test.each([1, 2, 3, 4, 5, 6, 12])('a large batch beside %i backlogs does not wait for their end', async (others) => {
    const { fake, offsets, waiting, start, clock, failures } = await reading(1, others + 1, true)
    for (const [partition, its] of fake.partitions.entries()) {
      its.log = partition === others ? records(1, 0, 700 * kib) : records(400, 0, 50 * kib)
    }
    start()
    for (let taken = 0; taken < 4 * (others + 1) && offsets[others]?.length === 0; taken++) {
      await clock.advanceAsync(1)
      waiting.shift()?.taken()
    }
    expect(offsets[others]).toEqual([1])
    expect(failures).toEqual([])
  })

  test.each([2, 4, 6])('of %i partitions with large batches all come as often', async (partitions) => {
    const { fake, offsets, waiting, start, clock } = await reading(1, partitions, true)
    for (const its of fake.partitions) its.log = records(200, 0, 600 * kib)
    start()
    for (let taken = 0; taken < 10 * partitions; taken++) {
      await clock.advanceAsync(1)
      waiting.shift()?.taken()
    }
    const counts = offsets.map(({ length }) => length)
    expect(Math.min(...counts)).toBeGreaterThan(0.6 * Math.max(...counts))
  })
})

describe('a leader that is gone', () => {
  test('is looked for, and the attempt continues with the next one', async () => {
    const { fake, offsets, failures, notices, start, clock } = await reading(2, 2)
    for (const its of fake.partitions) its.log = records(3)
    start()
    await clock.advanceAsync(10)
    fake.before = (node) => (node === 1 ? lost() : undefined)
    await clock.advanceAsync(3_000)
    Object.assign(fake.partitions[0] ?? {}, { leader: 2, epoch: 1, log: [...records(3), ...records(2, 1)] })
    await clock.advanceAsync(600)
    expect(offsets).toEqual([[3, 5], [3]])
    expect([failures, notices]).toEqual([[], []])
  })

  test('and followed by nobody does not keep the other partitions, and is told after five seconds', async () => {
    const { fake, offsets, failures, notices, start, clock } = await reading(2, 2)
    fake.partitions[0] = { leader: -1, epoch: 1, log: records(1) }
    start()
    for (let round = 1; round <= 11; round++) {
      fake.partitions[1]?.log.push(...records(1))
      await clock.advanceAsync(1_000)
    }
    expect(offsets[1]?.at(-1)).toBe(11)
    expect(failures).toEqual([])
    expect(notices).toMatchObject([
      { type: 'partition-unavailable', partition: 0, error: { code: 'NO_LEADER' } },
      { type: 'partition-unavailable', partition: 0 },
    ])
    fake.partitions[0].leader = 2
    await clock.advanceAsync(600)
    expect(offsets[0]).toEqual([1])
  })

  test('for two minutes ends the attempt, with the reason', async () => {
    const { fake, failures, start, clock } = await reading(2, 2)
    start()
    fake.before = (node) => (node === 1 ? lost() : undefined)
    await clock.advanceAsync(110_000)
    expect(failures).toEqual([])
    await clock.advanceAsync(15_000)
    expect(failures).toMatchObject([{ code: 'CONNECTION_LOST', consequence: 'retriable' }])
  })

  test('for less than two minutes, and again after it has answered, is no reason to end the attempt', async () => {
    const { fake, offsets, failures, start, clock } = await reading(1, 1)
    start()
    for (let outage = 1; outage <= 3; outage++) {
      fake.before = () => lost()
      await clock.advanceAsync(100_000)
      fake.before = () => undefined
      fake.partitions[0]?.log.push(...records(1))
      await clock.advanceAsync(2_000)
      expect(offsets[0]?.at(-1)).toBe(outage)
    }
    expect(failures).toEqual([])
  })

  test('is looked for soon after it has gone, however long an outage before took', async () => {
    const { fake, start, clock } = await reading(1, 1)
    start()
    for (const ms of [60_000, 2_000]) {
      const first = new Map<string, number>()
      fake.before = (_, api) => {
        if (!first.has(api)) first.set(api, clock.monotonic())
        return lost()
      }
      await clock.advanceAsync(ms)
      fake.before = () => undefined
      fake.partitions[0]?.log.push(...records(1))
      await clock.advanceAsync(2_000)
      expect((first.get('Metadata') ?? 0) - (first.get('Fetch') ?? 0)).toBe(5)
    }
  })

  test('without a word, because it is paused, is left if there is another one; its late answer is not looked at', async () => {
    const { fake, offsets, failures, start, clock } = await reading(2, 2)
    for (const its of fake.partitions) its.log = records(3)
    let wake = (): void => undefined
    fake.before = (node, api) => {
      if (node === 1 && api === 'Metadata') return never()
      if (node === 1) return new Promise((resolve) => (wake = resolve))
    }
    fake.connections.metadata = async () => fake.now()
    start()
    await clock.advanceAsync(2_000)
    Object.assign(fake.partitions[0] ?? {}, { leader: 2, epoch: 1 })
    await clock.advanceAsync(1_100)
    expect(offsets).toEqual([[3], [3]])
    fake.before = () => undefined
    Object.assign(fake.partitions[0] ?? {}, { leader: 1 })
    wake()
    await clock.advanceAsync(100)
    expect(offsets).toEqual([[3], [3]])
    expect(failures).toEqual([])
  })
})

describe('leader epochs', () => {
  test('are sent: that of the leader, and that of what was read last', async () => {
    const { fake, start, clock } = await reading(1, 1)
    fake.partitions[0] = { leader: 1, epoch: 4, log: [...records(2, 2), ...records(1, 4)] }
    start({ offset: 1, epoch: 2 })
    await clock.advanceAsync(1_000)
    const sent = fake.fetches.map(({ args }) =>
      args.partitions.map(({ offset, leaderEpoch, lastFetchedEpoch }) => [offset, leaderEpoch, lastFetchedEpoch]),
    )
    // The first one is refused: metadata have been asked for before the election.
    expect(sent.flat()).toContainEqual([1, 4, 2])
    expect(sent.flat()).toContainEqual([3, 4, 4])
  })

  test.each([
    ['a newer one', 74],
    ['an older one', 75],
  ])('of which the broker knows %s: the leader is looked up again', async (_, errorCode) => {
    const { fake, offsets, failures, start, clock } = await reading(1, 1)
    fake.partitions[0] = { leader: 1, epoch: 0, log: records(2) }
    let refused = 0
    fake.instead = () => (refused++ < 3 ? { errorCode } : null)
    start()
    await clock.advanceAsync(1_000)
    expect(offsets).toEqual([[2]])
    expect(failures).toEqual([])
  })

  test('diverge if a leader lacks what was read: an error says what is lost, once it has been said again', async () => {
    const { fake, offsets, failures, start, clock } = await reading(2, 1)
    // Offsets 6 to 9 were read in epoch 3; the new leader never had them, and has written others in their place.
    fake.partitions[0] = { leader: 1, epoch: 5, log: [...records(6, 2), ...records(8, 5)] }
    start({ offset: 10, epoch: 3 })
    await clock.advanceAsync(2_500)
    expect([offsets[0], failures]).toEqual([[], []])
    await clock.advanceAsync(1_500)
    expect(offsets[0]).toEqual([])
    expect(failures).toHaveLength(1)
    expect(failures[0]).toMatchObject({ code: 'LOG_TRUNCATED', consequence: 'corrupted' })
    expect(failures[0]?.where).toEqual({ topic: leadTopic, partition: 0, offset: 10 })
    expect(failures[0]?.message).toContain('offsets 6 to 9, read up to leader epoch 3')
    expect(failures[0]?.hint).toContain('unclean.leader.election.enable')
  })

  test('that diverge at a broker which is not the leader any more mean nothing', async () => {
    const { fake, offsets, failures, start, clock } = await reading(2, 1)
    fake.partitions[0] = { leader: 2, epoch: 5, log: [...records(10, 3), ...records(2, 5)] }
    const told = { divergingEpoch: { epoch: 2, endOffset: 6 }, errorCode: 0 }
    fake.instead = (node) => (node === 1 ? told : null)
    start({ offset: 10, epoch: 3 })
    await clock.advanceAsync(1_000)
    expect(offsets).toEqual([[12]])
    expect(failures).toEqual([])
  })
})

describe('an offset that is out of range', () => {
  test('at a broker that does not know its end yet is asked for again', async () => {
    const { fake, offsets, failures, start, clock } = await reading(2, 1)
    fake.partitions[0] = { leader: 1, epoch: 0, log: records(12) }
    let refused = 0
    fake.instead = () => (refused++ < 5 ? { errorCode: 1 } : null)
    start({ offset: 10 })
    await clock.advanceAsync(2_000)
    expect(offsets).toEqual([[12]])
    expect(failures).toEqual([])
  })

  test('again and again ends the job', async () => {
    const { fake, failures, start, clock } = await reading(2, 1)
    fake.partitions[0] = { leader: 1, epoch: 0, log: records(5) }
    start({ offset: 10 })
    await clock.advanceAsync(7_000)
    expect(failures).toMatchObject([{ code: 'OFFSET_OUT_OF_RANGE', consequence: 'fatal' }])
  })
})

describe('waiting', () => {
  test('for an open transaction is told: whose, from where, how long', async () => {
    const { fake, notices, failures, start, clock } = await reading(1, 1)
    fake.partitions[0] = { leader: 1, epoch: 0, log: records(9), stable: 2 }
    start()
    await clock.advanceAsync(4_900)
    expect(notices).toEqual([])
    await clock.advanceAsync(16_000)
    const pinned = {
      type: 'partition-pinned',
      topic: leadTopic,
      partition: 0,
      offset: 2,
      producerId: 6,
      firstOffset: 2,
    }
    expect(notices).toMatchObject([pinned, pinned, pinned])
    const durations = notices.map((notice) => Math.round(('duration' in notice ? notice.duration : 0) / 1_000))
    expect(durations).toEqual([5, 10, 20])
    fake.partitions[0].stable = 9
    await clock.advanceAsync(60_000)
    expect(notices).toHaveLength(3)
    expect(failures).toEqual([])
  })

  test('at an end behind the last readable offset is over after three answers to that partition alone', async () => {
    const { fake, splits, settled, start, clock } = await reading(1, 2)
    for (const its of fake.partitions) Object.assign(its, { log: records(9), markers: 1 })
    start({ bound: 10 })
    await clock.advanceAsync(3_000)
    expect(settled.sort()).toEqual([0, 1])
    expect(splits.map(({ bound }) => bound)).toEqual([9, 9])
    const alone = fake.fetches.filter(({ args }) => args.partitions.length === 1)
    expect(alone.length).toBeGreaterThanOrEqual(6)
  })

  test.each([
    ['a quota is used up', { throttleTime: 100 }],
    ['a transaction is open below it', { lastStableOffset: 9 }],
  ])('at such an end goes on while %s', async (_, answer) => {
    const { fake, splits, settled, start, clock } = await reading(1, 1)
    fake.partitions[0] = { leader: 1, epoch: 0, log: records(9), markers: 1 }
    fake.instead = (_node, _partition, { partitions }) => ((partitions[0]?.offset ?? 0) < 9 ? null : answer)
    start({ bound: 10 })
    await clock.advanceAsync(20_000)
    expect(settled).toEqual([])
    fake.instead = () => null
    await clock.advanceAsync(2_000)
    expect([settled, splits[0]?.bound]).toEqual([[0], 9])
  })
})
