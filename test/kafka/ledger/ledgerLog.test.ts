import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { createBatchBuilder } from '../../../src/kafka/batch/batchBuilder.ts'
import { at } from '../../../src/kafka/batch/layout.ts'
import { ledgerGlimpse } from '../../../src/kafka/ledger/ledgerGlimpse.ts'
import { ledgerHorizon } from '../../../src/kafka/ledger/ledgerHorizon.ts'
import { ledgerLog } from '../../../src/kafka/ledger/ledgerLog.ts'
import type { Connections } from '../../../src/kafka/nodes/connections.ts'
import { leaders as leadersOf } from '../../../src/kafka/nodes/leaders.ts'
import { type FetchArgs, fetch } from '../../../src/kafka/protocol/fetch.ts'
import { earliest, type ListOffsetsArgs, listOffsets } from '../../../src/kafka/protocol/listOffsets.ts'
import { RetriableError } from '../../../src/openErrors.ts'
import { virtualClock } from '../../../src/testing/virtualClock.ts'

const name = 'ledger'
const keyOf = (partition: number): Buffer => Buffer.from(`shard ${partition}`)

function record(offset: number, key: Buffer, value: string): Buffer {
  const builder = createBatchBuilder({ compression: 'none' })
  builder.append(0, key, Buffer.from(value), [])
  const identity = { producerId: 1, producerEpoch: 0, baseSequence: offset, transactional: true }
  const batch = Buffer.from(builder.finish(identity))
  batch.writeBigInt64BE(BigInt(offset), at.baseOffset)
  return batch
}

/** One broker and one ledger of `partitions`; all entries are in partition 0, and other offsets hold markers. */
function ledger(partitions = 1) {
  const clock = virtualClock()
  const horizon = ledgerHorizon()
  const log = {
    start: 0,
    end: 0,
    stable: 0,
    batches: [] as Buffer[],
    missing: false,
    denied: false,
    /** A deposed leader that does not know it yet, and does not have the last record. */
    deposed: 0,
    leader: 1,
    next: 1,
  }
  const fetches: number[] = []
  const topics = () => [
    {
      ...{ errorCode: log.denied ? 29 : log.missing ? 3 : 0, name, topicId: 'id' },
      partitions: log.missing
        ? []
        : Array.from({ length: partitions }, (_, partition) => ({
            errorCode: 0,
            partition,
            leader: log.leader,
            leaderEpoch: log.leader + 4,
          })),
    },
  ]
  const metadata = async () => ({ brokers: [{ node: 1, host: 'a', port: 1 }], controller: 1, topics: topics() })
  const connections = {
    metadata,
    async call(node: number, api: unknown, args: unknown) {
      if (api === fetch) return fetched(node, args as FetchArgs)
      if (api === listOffsets) return offsets(node, args as ListOffsetsArgs)
      return metadata()
    },
  } as unknown as Connections

  function offsets(node: number, { partitions: its, isolation }: ListOffsetsArgs) {
    const end = (isolation === 'read_committed' ? log.stable : log.end) - (node === log.deposed ? 1 : 0)
    return its.map((one) => ({ ...one, errorCode: 0, offset: one.timestamp === earliest ? log.start : end }))
  }

  function fetched(node: number, { partitions: [one] }: FetchArgs) {
    const from = one?.offset ?? 0
    fetches.push(from)
    log.leader = log.next
    if (node !== log.leader) return [{ topic: name, partition: 0, errorCode: 6, records: Buffer.alloc(0) }]
    const found = log.batches.filter((batch) => Number(batch.readBigInt64BE(at.baseOffset)) >= from)
    const ends = { highWatermark: log.end, lastStableOffset: log.stable, logStartOffset: log.start }
    const rest = { ...ends, abortedTransactions: [], throttleTime: 0, divergingEpoch: null }
    return [{ topic: name, partition: one?.partition ?? 0, errorCode: 0, ...rest, records: Buffer.concat(found) }]
  }

  const attempt = { clock, signal: new AbortController().signal, tell: () => undefined }
  const leaders = leadersOf(attempt, connections)
  const decode = (bytes: Uint8Array): string => Buffer.from(bytes).toString()
  const view = ledgerLog({ attempt, connections, leaders, name, keyOf, decode, horizon })
  let whole = 0
  const glimpse = ledgerGlimpse({
    ...{ attempt, connections, leaders, split: { topic: name, partition: 0 }, key: keyOf(0), decode },
    view() {
      whole += 1
      return view('committed', 0)
    },
    behind: (offset) => new RetriableError('LEDGER_READ_STALE', `refused at ${offset}`),
  })

  return {
    ...{ clock, horizon, log, fetches },
    /** Entries at these offsets; the log ends behind `end`. */
    fill(end: number, entries: Readonly<Record<number, string>>, key = keyOf(0)) {
      log.batches.push(...Object.entries(entries).map(([offset, value]) => record(Number(offset), key, value)))
      log.end = log.stable = end
    },
    async glimpse() {
      const before = fetches.length
      const [entry] = await Promise.all([glimpse(), clock.advanceAsync(1_000)])
      return [entry, whole, fetches.length - before]
    },
    async read(until: 'fenced' | 'committed', partition = 0, ms = 60_000) {
      let result: unknown = 'waits'
      view(until, partition).then(
        (found) => (result = found),
        (error) => (result = error.code),
      )
      await clock.advanceAsync(ms)
      return result
    },
  }
}

const whole = { undecided: false, partitions: 1, epoch: 5 }

describe('a glimpse of the ledger', () => {
  it('costs one request, and shows each new entry', async () => {
    const { fill, glimpse } = ledger()
    fill(10, { 7: 'first' })
    expect(await glimpse()).toEqual(['first', 1, expect.any(Number)])
    expect(await glimpse()).toEqual(['first', 1, 1])
    fill(14, { 12: 'second' })
    fill(16, { 14: 'of another' }, keyOf(1))
    expect(await glimpse()).toEqual(['second', 1, 1])
    expect(await glimpse()).toEqual(['second', 1, 1])
  })

  it('is a whole read after a refusal, and now and then, since a deposed leader hides entries', async () => {
    const { fill, glimpse, log } = ledger()
    fill(10, { 7: 'first' })
    await glimpse()
    log.next = 2
    fill(14, { 12: 'second' })
    expect((await glimpse()).slice(0, 2)).toEqual(['second', 2])
    for (let look = 0; look < 40; look++) expect(await glimpse()).toEqual(['second', 2, 1])
    expect((await glimpse()).slice(0, 2)).toEqual(['second', 3])
  })
})

describe('a read of the ledger', () => {
  it.each(['fenced', 'committed'] as const)('%s brings the last entry of the shard', async (until) => {
    const { fill, read } = ledger()
    fill(12, { 3: 'old', 7: 'newest' })
    fill(12, { 9: 'of another' }, keyOf(1))
    expect(await read(until)).toEqual({ ...whole, entry: 'newest', end: 12 })
  })

  it('begins near the end, and goes back farther only where nothing is found', async () => {
    const { fill, read, fetches } = ledger()
    fill(10_000, { 0: 'first', 9990: 'newest' })
    expect(await read('fenced')).toMatchObject({ entry: 'newest' })
    expect(Math.min(...fetches)).toBe(10_000 - 64)
    const far = ledger()
    far.fill(10_000, { 5000: 'newest' })
    expect(await far.read('fenced')).toMatchObject({ entry: 'newest' })
    expect([...new Set(far.fetches)]).toContain(10_000 - 512)
    expect(Math.min(...far.fetches)).toBe(0)
  })

  it('finds nothing in a ledger without entries, down to where the log begins', async () => {
    const { fill, read, log, fetches } = ledger()
    fill(10_000, {})
    log.start = 4_000
    expect(await read('fenced')).toEqual({ ...whole, entry: null, end: 10_000 })
    expect(Math.min(...fetches)).toBe(4_000)
    const empty = ledger()
    expect(await empty.read('committed')).toEqual({ ...whole, entry: null, end: 0 })
    expect(empty.fetches).toEqual([])
  })

  it('says that something behind its end is undecided, where it does not wait for that', async () => {
    const { fill, read, log } = ledger()
    fill(8, { 3: 'newest' })
    log.end = 9
    expect(await read('committed')).toEqual({ ...whole, entry: 'newest', end: 8, undecided: true })
    log.end = 8
    expect(await read('committed')).toMatchObject({ undecided: false })
  })

  it('after a fence waits for what is undecided, up to the very end', async () => {
    const { fill, read, log } = ledger()
    fill(8, { 3: 'old' })
    log.end = 10
    const reading = read('fenced', 0, 5_000)
    expect(await reading).toBe('waits')
    fill(10, { 8: 'newest' })
    expect(await read('fenced')).toEqual({ ...whole, entry: 'newest', end: 10 })
  })
})

describe('a leader of the ledger that has moved', () => {
  it('is looked for, and the next one is asked', async () => {
    const { fill, read, log } = ledger()
    fill(12, { 3: 'old', 7: 'newest' })
    log.next = 2
    expect(await read('fenced')).toMatchObject({ entry: 'newest', end: 12 })
  })
})

describe('a ledger that is known to reach farther', () => {
  it('is read again until a broker says so, and is known only from reads after a fence', async () => {
    const { fill, read, log, horizon } = ledger()
    fill(12, { 9: 'newest' })
    await read('committed')
    expect([horizon.knows(name), horizon.of('id', 0)]).toEqual([false, 0])
    await read('fenced')
    expect([horizon.knows(name), horizon.of('id', 0)]).toEqual([true, 12])
    log.end = log.stable = 11
    expect(await read('committed', 0, 5_000)).toBe('waits')
    log.end = log.stable = 12
    expect(await read('committed')).toMatchObject({ entry: 'newest', end: 12 })
  })

  it('is asked of the next leader if the one that answers was deposed and does not know it', async () => {
    const { fill, read, log } = ledger()
    fill(12, { 9: 'newest' })
    await read('fenced')
    log.deposed = 1
    const reading = read('fenced')
    log.leader = log.next = 2
    expect(await reading).toMatchObject({ entry: 'newest', end: 12 })
  })

  it('is missing only after all brokers have said so for ten seconds', async () => {
    const { fill, read, log } = ledger()
    fill(12, { 9: 'newest' })
    await read('fenced')
    log.missing = true
    expect(await read('fenced', 0, 9_900)).toBe('waits')
    expect(await read('fenced', 0, 11_000)).toEqual({
      ...{ entry: null, end: 0, epoch: null, undecided: false, partitions: null },
    })
  })
})

it('a ledger that may not be read is no missing one', async () => {
  const { read, log } = ledger()
  log.denied = true
  expect(await read('committed', 0, 100)).toBe('TOPIC_AUTHORIZATION_FAILED')
})

describe('what is not there', () => {
  it('is a topic that no broker knows, and that was never read: at once', async () => {
    const { read, log } = ledger()
    log.missing = true
    const nothing = { entry: null, end: 0, epoch: null, undecided: false, partitions: null }
    expect(await read('committed', 0, 100)).toEqual(nothing)
  })

  it('is a partition behind the last one', async () => {
    const { read } = ledger(2)
    expect(await read('committed', 2)).toMatchObject({ entry: null, end: 0, epoch: null, partitions: 2 })
    expect(await read('committed', 1)).toMatchObject({ partitions: 2, epoch: 5 })
  })
})
