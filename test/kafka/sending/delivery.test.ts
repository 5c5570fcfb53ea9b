import { beforeEach, describe, expect, it } from 'vitest'
import type { Connections } from '../../../src/kafka/nodes/connections.ts'
import type { Leaders } from '../../../src/kafka/nodes/leaders.ts'
import type { ProduceArgs, ProducedPartition } from '../../../src/kafka/protocol/produce.ts'
import { type Delivery, delivery, type HandedBack, type SealedBatch } from '../../../src/kafka/sending/delivery.ts'
import { RetriableError } from '../../../src/openErrors.ts'
import { settle, virtualClock } from '../../../src/testing/virtualClock.ts'

/** What a leader does with a request: answers with an error number a partition, fails with a code, or 'silence'. */
type Reaction = string | Readonly<Record<number, number>>

let clock: ReturnType<typeof virtualClock>
let ended: AbortController
let leadersNow: Map<number, number>
let reactions: Reaction[]
/** "node: partitions of the request", and the bytes that were sent. */
let requests: string[]
let sent: Buffer[]
/** The records that a leader names. */
let named: ProducedPartition['refused']

beforeEach(() => {
  clock = virtualClock()
  ended = new AbortController()
  leadersNow = new Map([
    [0, 1],
    [1, 1],
    [2, 2],
  ])
  reactions = []
  requests = []
  sent = []
  named = []
})

const leaders = {
  topic: async () => ({}),
  leader(_: string, partition: number) {
    const node = leadersNow.get(partition)
    if (node === undefined) throw new RetriableError('NO_LEADER', 'simulated')
    return node
  },
  refresh: async () => undefined,
} as unknown as Leaders

const connections = {
  requestTimeout: 1_000,
  async call(node: number, _: unknown, { batches }: ProduceArgs): Promise<readonly ProducedPartition[]> {
    requests.push(`${node}: ${batches.map(({ partition }) => partition)}`)
    sent.push(...batches.map(({ records }) => Buffer.from(records)))
    const reaction = reactions.shift() ?? {}
    if (reaction === 'silence') return new Promise(() => undefined)
    if (typeof reaction === 'string') throw new RetriableError(reaction, 'simulated')
    return batches.map(({ topic, partition }) => {
      return {
        topic,
        partition,
        errorCode: reaction[partition] ?? 0,
        errorMessage: null,
        refused: named,
        baseOffset: 0,
      }
    })
  },
} as unknown as Connections

function made(acks: -1 | 1 = -1): Delivery {
  const options = { transactionalId: 'id', acks, limit: 30_000, versions: {} }
  return delivery({ clock, signal: ended.signal }, connections, leaders, options)
}

function batch(partition: number): SealedBatch {
  return { topic: 'topic', partition, records: Buffer.from(`batch of ${partition}`) }
}

/** How a delivery ends, or "waits" after so many ms. */
async function outcome(work: Promise<unknown>, ms = 10_000): Promise<string> {
  let end = 'waits'
  work.then(
    () => (end = 'acked'),
    (error) => (end = error.code ?? String(error)),
  )
  await clock.advanceAsync(ms)
  return end
}

describe('the delivery of batches', () => {
  it.each(['CONNECTION_LOST', 'REQUEST_TIMEOUT', 'CONNECTION_FAILED', 'NODE_UNKNOWN'])(
    'after %s sends the same bytes again, to whoever leads by then',
    async (code) => {
      reactions = [code]
      const work = made().deliver([batch(0)])
      await settle()
      leadersNow.set(0, 3)
      expect(await outcome(work)).toBe('acked')
      expect(requests).toEqual(['1: 0', '3: 0'])
      expect(sent[1]).toEqual(sent[0])
    },
  )

  it('leaves a leader that says nothing when another one is elected, and sends it the same bytes', async () => {
    reactions = ['silence']
    const one = made()
    const work = one.deliver([batch(0), batch(1), batch(2)])
    expect(await outcome(work, 5_500)).toBe('waits')
    leadersNow.set(0, 2)
    expect(await outcome(work, 5_000)).toBe('waits')
    leadersNow.delete(1)
    await clock.advanceAsync(1_500)
    expect(one.doubtful).toBe(1)
    leadersNow.set(1, 3)
    expect(await outcome(work, 1_000)).toBe('acked')
    expect(requests).toEqual(['1: 0,1', '2: 2', '2: 0', '3: 1'])
    expect(sent[3]).toEqual(sent[0])
    expect(sent[4]).toEqual(sent[1])
    expect(one.doubtful).toBe(0)
  })

  it.each([6, 7, 13, 19, 20, 56])('sends again what was answered with error %i', async (code) => {
    reactions = [{ 0: code }]
    expect(await outcome(made().deliver([batch(0)]))).toBe('acked')
    expect(sent[1]).toEqual(sent[0])
  })

  it('sends only what was not acked again', async () => {
    reactions = [{ 1: 6 }, 'CONNECTION_LOST']
    expect(await outcome(made().deliver([batch(0), batch(1), batch(2)]))).toBe('acked')
    expect(requests).toEqual(['1: 0,1', '2: 2', '1: 1', '2: 2'])
  })

  it('waits for the leader of a partition that has none, while the others are acked', async () => {
    leadersNow.delete(0)
    const work = made().deliver([batch(0), batch(2)])
    expect(await outcome(work, 1_000)).toBe('waits')
    leadersNow.set(0, 2)
    expect(await outcome(work)).toBe('acked')
    expect(requests).toEqual(['2: 2', '2: 0'])
  })

  it('takes DUPLICATE_SEQUENCE_NUMBER for an ack after a lost answer, and for an error otherwise', async () => {
    reactions = ['CONNECTION_LOST', { 0: 46 }]
    expect(await outcome(made().deliver([batch(0)]))).toBe('acked')
    reactions = [{ 0: 46 }]
    expect(await outcome(made().deliver([batch(0)]))).toBe('DUPLICATE_SEQUENCE_NUMBER')
  })

  it.each([
    [45, 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
    [47, 'INVALID_PRODUCER_EPOCH'],
    [48, 'INVALID_TXN_STATE'],
    [59, 'UNKNOWN_PRODUCER_ID'],
    [120, 'TRANSACTION_ABORTABLE'],
  ])('rejects where a batch in doubt is answered with error %i, and keeps it in doubt', async (code, name) => {
    reactions = ['CONNECTION_LOST', { 0: code }]
    const one = made()
    expect(await outcome(one.deliver([batch(0)]))).toBe(name)
    expect(one.doubtful).toBe(1)
  })

  it('has nothing in doubt once all is acked', async () => {
    reactions = ['REQUEST_TIMEOUT', { 0: 6 }]
    const one = made()
    const work = one.deliver([batch(0)])
    await settle()
    expect(one.doubtful).toBe(1)
    expect(await outcome(work)).toBe('acked')
    expect(one.doubtful).toBe(0)
  })

  it('without sequence numbers sends again what was refused, and nothing whose answer was lost', async () => {
    reactions = [{ 0: 6 }, 'CONNECTION_FAILED']
    expect(await outcome(made(1).deliver([batch(0)]))).toBe('acked')
    reactions = ['CONNECTION_LOST']
    expect(await outcome(made(1).deliver([batch(0)]))).toBe('CONNECTION_LOST')
    reactions = [{ 0: 7 }]
    expect(await outcome(made(1).deliver([batch(0)]))).toBe('REQUEST_TIMED_OUT')
  })

  describe('what is refused for what is in it', () => {
    it.each([10, 18, 32, 87])(
      'is handed back, with the records that the leader names, and not sent again: error %i',
      async (code) => {
        reactions = [{ 1: code }]
        named = [{ index: 2, message: 'no' }]
        const [ours, refused] = [batch(0), batch(1)]
        const back: HandedBack[] = []
        await made().deliver([ours, refused], back)
        expect(back).toMatchObject([{ batch: refused, records: new Map([[2, 'no']]) }])
        expect(requests).toEqual(['1: 0,1'])
      },
    )

    it('is handed back when the others are acked, which may have to be sent again', async () => {
      reactions = [{ 0: 32, 1: 6 }]
      const back: HandedBack[] = []
      expect(await outcome(made().deliver([batch(0), batch(1)], back))).toBe('acked')
      expect(back).toHaveLength(1)
      expect(requests).toEqual(['1: 0,1', '1: 1'])
    })

    it.each([10, 18, 32, 87])(
      'ends the attempt where an answer was lost before: it may be in the log. Error %i',
      async (code) => {
        reactions = ['CONNECTION_LOST', { 0: 6 }, { 0: code }]
        expect(await outcome(made().deliver([batch(0)], []))).toBe('REFUSED_IN_DOUBT')
      },
    )
  })

  it('gives up after its limit, with what was in the way', async () => {
    leadersNow.delete(0)
    expect(await outcome(made().deliver([batch(0)]), 31_000)).toBe('NO_LEADER')
  })

  it('ends at once with the attempt', async () => {
    leadersNow.delete(0)
    const work = made().deliver([batch(0)])
    await settle()
    ended.abort()
    expect(await outcome(work, 0)).toBe('NO_LEADER')
  })
})
