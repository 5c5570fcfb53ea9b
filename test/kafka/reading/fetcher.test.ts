import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { createBatchBuilder } from '../../../src/kafka/batch/batchBuilder.ts'
import type { Connections } from '../../../src/kafka/nodes/connections.ts'
import type { Leaders } from '../../../src/kafka/nodes/leaders.ts'
import type { FetchArgs, FetchedPartition } from '../../../src/kafka/protocol/fetch.ts'
import { epochHistory } from '../../../src/kafka/reading/epochHistory.ts'
import { type Chunk, type FetchedSplit, fetcher } from '../../../src/kafka/reading/fetcher.ts'
import { virtualClock } from '../../../src/testing/virtualClock.ts'

const kib = 1024
const limits = { maxWait: 500, partitionBytes: 512 * kib, partitionsAtOnce: 2 }

const whole = { highWatermark: 1e9, lastStableOffset: 1e9, logStartOffset: 0, abortedTransactions: [] }

/** A leader that always has more: batches of `bytes`, cut off where the answer ends. A first batch comes whole. */
function endless(bytes: number, most: number) {
  const asked: FetchArgs[] = []
  const batch = (offset: number): Buffer => {
    const builder = createBatchBuilder({ compression: 'none' })
    builder.append(0, null, Buffer.alloc(bytes), [])
    const made = builder.finish({ producerId: -1, producerEpoch: -1, baseSequence: -1, transactional: false })
    made.writeBigInt64BE(BigInt(offset), 0)
    return made
  }
  const batchBytes = batch(0).length
  const answer = (args: FetchArgs): FetchedPartition[] => {
    asked.push(args)
    let left = Math.min(args.maxBytes, most)
    return args.partitions.flatMap(({ topic, partition, offset, maxBytes }, at) => {
      const size = Math.max(at === 0 ? batchBytes : 0, Math.min(left, maxBytes))
      left -= size
      if (size <= 0) return []
      const batches = Array.from({ length: Math.ceil(size / batchBytes) }, (_, index) => batch(offset + index))
      return { topic, partition, errorCode: 0, ...whole, records: Buffer.concat(batches).subarray(0, size) }
    })
  }
  const call = async (_node: unknown, _api: unknown, args: unknown) => answer(args as FetchArgs)
  return { asked, connections: { call } as unknown as Pick<Connections, 'call'>, batchBytes }
}

const leaders = {
  available: (splits: readonly FetchedSplit[]) => {
    return { led: new Map(splits.length > 0 ? [[1, [...splits]]] : []), leaderless: [] }
  },
  epoch: () => undefined,
} as unknown as Leaders

function reading(
  partitions: number,
  bytes: number,
  held: (split: FetchedSplit) => boolean = () => false,
  most = Infinity,
) {
  const { asked, connections, batchBytes } = endless(bytes, most)
  const chunks: Chunk<FetchedSplit>[] = []
  const failures: unknown[] = []
  const attempt = {
    clock: virtualClock(),
    signal: new AbortController().signal,
    fail: (error: unknown) => void failures.push(error),
    tell: () => undefined,
  }
  const arrived = (chunk: Chunk<FetchedSplit>) => void chunks.push(chunk)
  const splits = Array.from({ length: partitions }, (_, partition) => {
    const place = { fetchOffset: 0, bound: Number.POSITIVE_INFINITY, unconfirmed: false }
    return { topic: 'in', topicId: 'id', partition, ...place, epochs: epochHistory(0, undefined) }
  })
  const fetching = fetcher(attempt, connections, leaders, limits, { arrived, held, settled: () => undefined })
  fetching.add(splits)
  return { asked, chunks, failures, fetching, batchBytes }
}

const waiting = (chunks: readonly Chunk<FetchedSplit>[]): number =>
  chunks.reduce((sum, { fetched }) => sum + fetched.records.length, 0)

const turns = async (): Promise<void> => {
  for (let i = 0; i < 1_000; i++) await null
}

describe('the fetcher', () => {
  test.each([1, 8, 64])(
    'keeps no more than an answer and half of one waiting, of %i partitions',
    async (partitions) => {
      const { chunks, failures } = reading(partitions, 400 * kib)
      for (let i = 0; i < 100; i++) {
        await turns()
        expect(waiting(chunks)).toBeLessThanOrEqual(3 * limits.partitionBytes)
        chunks.shift()?.taken()
      }
      expect(failures).toEqual([])
    },
  )

  test('has the next chunk there while the first is still being emitted', async () => {
    const { chunks } = reading(1, 400 * kib)
    await turns()
    expect(chunks.length).toBe(2)
  })

  test('asks for more than one chunk ahead if answers are small', async () => {
    const { chunks } = reading(1, 10 * kib, undefined, 11 * kib)
    await turns()
    expect(waiting(chunks)).toBeGreaterThan(limits.partitionBytes)
    expect(waiting(chunks)).toBeLessThan(1.5 * limits.partitionBytes + 20 * kib)
  })

  /** A broker fills its answer to the byte, and cuts the last batch off. */
  test.each([100, 260, 400, 511, 700])(
    'asks for whole batches, once it has seen that they are of %i KiB',
    async (size) => {
      const { asked, chunks, batchBytes } = reading(1, size * kib)
      await turns()
      for (let i = 0; i < 5; i++) {
        chunks.shift()?.taken()
        await turns()
      }
      const wanted = asked.at(-1)?.partitions[0]?.maxBytes ?? 0
      expect(wanted % batchBytes).toBe(0)
      expect(wanted).toBeGreaterThanOrEqual(Math.min(batchBytes, (2 / 3) * limits.partitionBytes))
      expect(wanted).toBeLessThanOrEqual(Math.max(batchBytes, (4 / 3) * limits.partitionBytes))
      // And the next one is asked for while one waits.
      expect(chunks.length).toBeGreaterThanOrEqual(2)
    },
  )

  test('gives each of 64 partitions its turn', async () => {
    const { chunks } = reading(64, 400 * kib)
    const seen = new Set<number>()
    for (let i = 0; i < 200; i++) {
      await turns()
      const chunk = chunks.shift()
      if (chunk) seen.add(chunk.split.partition)
      chunk?.taken()
    }
    expect(seen.size).toBe(64)
  })

  test('does not wait for chunks that are held', async () => {
    const { chunks } = reading(8, 400 * kib, ({ partition }) => partition < 4)
    const seen = new Set<number>()
    for (let i = 0; i < 50; i++) {
      await turns()
      const at = chunks.findIndex(({ split }) => split.partition >= 4)
      const [chunk] = at < 0 ? [] : chunks.splice(at, 1)
      if (chunk) seen.add(chunk.split.partition)
      chunk?.taken()
    }
    expect([...seen].sort()).toEqual([4, 5, 6, 7])
    expect(chunks.filter(({ split }) => split.partition < 4).length).toBeLessThanOrEqual(4)
  })
})
