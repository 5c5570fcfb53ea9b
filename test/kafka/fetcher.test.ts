import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { createBatchBuilder } from '../../src/kafka/batch/batchBuilder.ts'
import type { Connections } from '../../src/kafka/connections.ts'
import { type Chunk, type FetchedSplit, fetcher } from '../../src/kafka/fetcher.ts'
import type { Leaders } from '../../src/kafka/leaders.ts'
import type { FetchArgs, FetchedPartition } from '../../src/kafka/protocol/fetch.ts'
import { virtualClock } from '../../src/testing/virtualClock.ts'

const kib = 1024
const limits = { maxWait: 500, maxBytes: 1024 * kib, partitionBytes: 512 * kib }

const whole = { highWatermark: 1e9, lastStableOffset: 1e9, logStartOffset: 0, abortedTransactions: [] }

/** A leader that always has more: of each partition a batch of `bytes`, as many as fit into the answer. */
function endless(bytes: number) {
  const asked: FetchArgs[] = []
  const batch = (offset: number): Buffer => {
    const builder = createBatchBuilder({ compression: 'none' })
    builder.append(0, null, Buffer.alloc(bytes), [])
    const made = builder.finish({ producerId: -1, producerEpoch: -1, baseSequence: -1, transactional: false })
    made.writeBigInt64BE(BigInt(offset), 0)
    return made
  }
  const answer = (args: FetchArgs): FetchedPartition[] => {
    asked.push(args)
    const room = Math.max(1, Math.floor(args.maxBytes / bytes))
    return args.partitions.slice(0, room).map(({ topic, partition, offset }) => {
      return { topic, partition, errorCode: 0, ...whole, records: batch(offset) }
    })
  }
  const call = async (_node: unknown, _api: unknown, args: unknown) => answer(args as FetchArgs)
  return { asked, connections: { call } as unknown as Pick<Connections, 'call'> }
}

const leaders = {
  group: (splits: readonly FetchedSplit[]) => new Map(splits.length > 0 ? [[1, [...splits]]] : []),
} as unknown as Leaders

function reading(partitions: number, bytes: number, held: (split: FetchedSplit) => boolean = () => false) {
  const { asked, connections } = endless(bytes)
  const chunks: Chunk<FetchedSplit>[] = []
  const failures: unknown[] = []
  const attempt = {
    clock: virtualClock(),
    signal: new AbortController().signal,
    fail: (error: unknown) => void failures.push(error),
  }
  const arrived = (chunk: Chunk<FetchedSplit>) => void chunks.push(chunk)
  const splits = Array.from({ length: partitions }, (_, partition) => {
    return { topic: 'in', topicId: 'id', partition, fetchOffset: 0, bound: Number.POSITIVE_INFINITY }
  })
  const fetching = fetcher(attempt, connections, leaders, limits, { arrived, held })
  fetching.add(splits)
  return { asked, chunks, failures, fetching }
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
        expect(waiting(chunks)).toBeLessThanOrEqual(limits.maxBytes + limits.partitionBytes)
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

  test('asks for more than one chunk ahead where chunks are small', async () => {
    const { chunks } = reading(1, 10 * kib)
    await turns()
    expect(waiting(chunks)).toBeGreaterThan(limits.partitionBytes)
    expect(waiting(chunks)).toBeLessThan(limits.partitionBytes + 20 * kib)
  })

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
