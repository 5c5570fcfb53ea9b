/** A session of transactions on a cluster without a ledger yet: which transactional id takes part in what. */
import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import type { AttemptContext } from '../../../src/attempt.ts'
import { createCredits } from '../../../src/credits.ts'
import type { KafkaCluster } from '../../../src/kafka/cluster.ts'
import { ledgerHorizon } from '../../../src/kafka/ledger/ledgerHorizon.ts'
import type { ProduceArgs } from '../../../src/kafka/protocol/produce.ts'
import { transactionSession } from '../../../src/kafka/sessions/transactionSession.ts'
import { settle, virtualClock } from '../../../src/testing/virtualClock.ts'

const limits = { linger: 0, batchBytes: 100_000, compression: 'none' } as const
const origin = { split: { topic: 'in', partition: 0 }, offset: 0 }

async function opened() {
  const clock = virtualClock()
  const requests: string[] = []
  let closed = 0
  let silent = false

  async function call(_: number, api: { name: string }, args: Args): Promise<unknown> {
    const turn = args.transactionalId?.at(-1)
    if (api.name === 'Metadata') return metadata([])
    const of = api.name === 'EndTxn' ? ` ${args.committed ? 'commit' : 'abort'}` : ''
    requests.push(`${api.name} ${turn}${of}`)
    if (silent) return new Promise(() => undefined)
    if (api.name === 'Produce') return (args as unknown as ProduceArgs).batches.map(acked)
    return { errorCode: 0, producerId: Number(turn) + 1, producerEpoch: Math.max(0, args.producerEpoch + 1) }
  }

  const acked = ({ topic, partition }: { topic: string; partition: number }) => ({
    ...{ topic, partition, errorCode: 0, errorMessage: null, baseOffset: 0, refused: [] },
  })
  const metadata = async (names: readonly string[]) => ({
    ...{ brokers: [{ node: 1, host: 'a', port: 1 }], controller: 1 },
    topics: names.map((name) => ({
      ...{ errorCode: name === 'out' ? 0 : 3, name, topicId: name },
      partitions: name === 'out' ? [{ errorCode: 0, partition: 0, leader: 1, leaderEpoch: 0 }] : [],
    })),
  })
  const connections = {
    ...{ call, metadata, requestTimeout: 1_000, transactionVersion: 2 },
    coordinator: async () => 1,
    forgetCoordinator: () => undefined,
    close: async () => void closed++,
  }
  const cluster = { connect: async () => connections } as unknown as KafkaCluster
  const attempt = {
    ...{ clock, credits: createCredits(), job: 'job', shard: 0, shards: 1, execution: 'e' },
    ...{ signal: new AbortController().signal, tell: () => undefined, probe: () => undefined },
    fail: (error: unknown) => expect.unreachable(`${error}`),
    share: (_: unknown, make: () => unknown) => make(),
  } as unknown as AttemptContext
  const options = { prefix: 'p', transactionTimeout: 60_000, horizon: ledgerHorizon() }
  const session = await transactionSession(attempt, cluster, options)
  const fencing = session.fence()
  await clock.advanceAsync(20_000)
  expect(await fencing).toBeNull()
  const sink = session.enlist()
  const lane = sink.lane('out', 0, limits)
  requests.length = 0
  return {
    ...{ clock, requests, session, sink, closed: () => closed },
    silence() {
      silent = true
    },
    async write() {
      lane.append(0, null, Buffer.from('x'), [], 0, origin)
      await settle()
      await clock.advanceAsync(10)
    },
  }
}

interface Args {
  readonly transactionalId?: string
  readonly producerEpoch: number
  readonly committed?: boolean
}

describe('a session of transactions', () => {
  it('writes each checkpoint with the other id than the one before, from checkpoint 1 on', async () => {
    const { write, sink, requests } = await opened()
    await write()
    await sink.seal()
    await write()
    await sink.seal()
    expect(requests).toEqual(['Produce 1', 'Produce 0'])
  })

  it('has sealed a checkpoint once all its sinks have', async () => {
    const { write, session, sink } = await opened()
    const other = session.enlist()
    await write()
    const sealed: string[] = []
    sink.seal().then(() => sealed.push('one'))
    await settle()
    expect(sealed).toEqual([])
    await other.seal().then(() => sealed.push('other'))
    await settle()
    expect(sealed.sort()).toEqual(['one', 'other'])
  })

  it('aborts what is open when it is closed, and nothing else, and closes its connections', async () => {
    const { write, session, requests, closed } = await opened()
    await write()
    await session.close()
    expect([requests, closed()]).toEqual([['Produce 1', 'EndTxn 1 abort'], 1])
    const idle = await opened()
    await idle.session.close()
    expect([idle.requests, idle.closed()]).toEqual([[], 1])
  })

  it('waits for that half a second at most', async () => {
    const { write, session, silence, clock, closed } = await opened()
    await write()
    silence()
    const closing = session.close()
    await clock.advanceAsync(499)
    expect(closed()).toBe(0)
    await clock.advanceAsync(1)
    await closing
    expect(closed()).toBe(1)
  })
})
