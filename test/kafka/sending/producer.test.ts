import { beforeEach, describe, expect, it } from 'vitest'
import { createBatchBuilder } from '../../../src/kafka/batch/batchBuilder.ts'
import { at } from '../../../src/kafka/batch/layout.ts'
import type { CallOptions, Connections } from '../../../src/kafka/nodes/connections.ts'
import type { Leaders } from '../../../src/kafka/nodes/leaders.ts'
import { type ProduceArgs, produce } from '../../../src/kafka/protocol/produce.ts'
import { type Producer, producer } from '../../../src/kafka/sending/producer.ts'
import { RetriableError } from '../../../src/openErrors.ts'
import { virtualClock } from '../../../src/testing/virtualClock.ts'

/** An answer, the code of what goes wrong, or 'silence'. */
type Reaction = object | string

let clock: ReturnType<typeof virtualClock>
let ended: AbortController
/** "EndTxn to 1: 7/3" and so on: requests to coordinators, with the producer id and epoch in them. */
let requests: string[]
/** Each batch that was sent, with its first sequence number. */
let sent: { readonly partition: number; readonly sequence: number }[]
/** By request: what happens to the next ones; default: they succeed. */
let reactions: Map<string, Reaction[]>
/** Where coordinators are; changes with each look-up. */
let coordinators: number[]
let found: number | null

beforeEach(() => {
  clock = virtualClock()
  ended = new AbortController()
  requests = []
  reactions = new Map()
  sent = []
  coordinators = [1]
  found = null
})

function noted({ batches }: ProduceArgs): void {
  for (const { partition, records } of batches) sent.push({ partition, sequence: records.readInt32BE(at.baseSequence) })
}

const leaders = { topic: async () => ({}), leader: () => 1, refresh: async () => undefined } as unknown as Leaders

function connections(transactionVersion: number): Connections {
  async function call(node: number, api: { name: string }, args: Args, _: CallOptions): Promise<unknown> {
    if (api.name === produce.name) noted(args as unknown as ProduceArgs)
    else
      requests.push(
        `${api.name} to ${node}: ${args.producerId}/${args.producerEpoch}${args.committed === false ? ' abort' : ''}`,
      )
    const reaction = reactions.get(api.name)?.shift() ?? fine(api.name, args)
    if (reaction === 'silence') return new Promise(() => undefined)
    if (typeof reaction === 'string') throw new RetriableError(reaction, 'simulated')
    return reaction
  }

  function fine(name: string, args: Args): object {
    const { producerId, producerEpoch, partitions = [] } = args
    if (name === 'InitProducerId') return id(producerId < 0 ? 7 : producerId, producerEpoch < 0 ? 3 : producerEpoch + 1)
    if (name === 'AddPartitionsToTxn') return partitions.map((one) => ({ ...one, errorCode: 0 }))
    if (name === 'AddOffsetsToTxn') return { errorCode: 0 }
    if (name === 'TxnOffsetCommit') return (args.offsets ?? []).map((one) => ({ ...one, errorCode: 0 }))
    if (name === 'EndTxn') return id(producerId, producerEpoch + (transactionVersion < 2 ? 0 : 1))
    return (args as unknown as ProduceArgs).batches.map(({ topic, partition }) => ({
      ...{ topic, partition, errorCode: 0, errorMessage: null, baseOffset: 0, refused: [] },
    }))
  }

  return {
    ...{ requestTimeout: 1_000, transactionVersion, call },
    async coordinator() {
      found ??= (coordinators.length > 1 ? coordinators.shift() : coordinators[0]) as number
      return found
    },
    forgetCoordinator() {
      found = null
    },
  } as unknown as Connections
}

interface Args {
  readonly producerId: number
  readonly producerEpoch: number
  readonly committed?: boolean
  readonly partitions?: readonly object[]
  readonly offsets?: readonly object[]
}

const id = (producerId: number, producerEpoch: number) => ({ errorCode: 0, producerId, producerEpoch })
const refused = (errorCode: number) => ({ errorCode, producerId: -1, producerEpoch: -1 })

/** With its id, and the requests up to there forgotten. */
async function initialised(transactionVersion: number): Promise<Producer> {
  const identity = { transactionalId: 'id', transactionTimeout: 5_000, acks: -1 } as const
  const made = producer({ clock, signal: ended.signal }, connections(transactionVersion), leaders, identity)
  await made.init()
  requests.length = 0
  return made
}

/** With a transaction open, and the requests up to there forgotten. */
async function opened(transactionVersion: number): Promise<Producer> {
  const made = await initialised(transactionVersion)
  await write(made)
  requests.length = 0
  return made
}

function parcel(partition = 0) {
  const builder = createBatchBuilder({ compression: 'none' })
  builder.append(0, null, Buffer.from('x'), [])
  return { topic: 'topic', partition, builder }
}

const write = (to: Producer): Promise<unknown> => to.send([parcel()])
const commitOffsets = (to: Producer): Promise<unknown> =>
  to.commitOffsets('group', { splits: [{ topic: 'topic', partition: 0, offset: 1 }] } as never)

/** Everything that begins a transaction. */
const beginnings: readonly (readonly [string, (to: Producer) => Promise<unknown>])[] = [
  ['sending', write],
  ['offering', (to) => to.offer([parcel()])],
  ['committing offsets', commitOffsets],
]

/** How it ends within so many ms, or "waits". */
async function outcome(work: Promise<unknown>, ms = 4_000): Promise<string> {
  let end = 'waits'
  work.then(
    () => (end = 'done'),
    (error) => (end = error.code ?? String(error)),
  )
  await clock.advanceAsync(ms)
  return end
}

const doubts: readonly (readonly [string, Reaction])[] = [
  ['a lost connection', 'CONNECTION_LOST'],
  ['no answer in time', 'REQUEST_TIMEOUT'],
  ['NOT_COORDINATOR', refused(16)],
  ['COORDINATOR_NOT_AVAILABLE', refused(15)],
  ['COORDINATOR_LOAD_IN_PROGRESS', refused(14)],
]
/** CONCURRENT_TRANSACTIONS */
const busy = refused(51)

describe('a commit in protocol v2', () => {
  it.each(doubts)(
    'is asked for again after %s, with the same epoch, and goes on with the one in the answer',
    async (_, doubt) => {
      const one = await opened(2)
      coordinators = [2]
      reactions.set('EndTxn', [doubt])
      expect(await outcome(one.commit())).toBe('done')
      expect(requests).toEqual(['EndTxn to 1: 7/3', 'EndTxn to 2: 7/3'])
      await write(one)
      expect(await outcome(one.commit())).toBe('done')
      expect(requests.at(-1)).toBe('EndTxn to 2: 7/4')
    },
  )

  it('is asked for again of the same coordinator while that writes markers, and of the current one after half a second', async () => {
    const one = await opened(2)
    coordinators = [2]
    reactions.set('EndTxn', [busy, busy])
    expect(await outcome(one.commit())).toBe('done')
    expect(requests).toEqual(['EndTxn to 1: 7/3', 'EndTxn to 1: 7/3', 'EndTxn to 1: 7/3'])
    await write(one)
    reactions.set('EndTxn', new Array(40).fill(busy))
    requests.length = 0
    expect(await outcome(one.commit())).toBe('done')
    const first = requests.findIndex((request) => request.startsWith('EndTxn to 2'))
    expect(first).toBeGreaterThan(20)
    expect(first).toBeLessThan(30)
    expect(requests.slice(first).every((request) => request.startsWith('EndTxn to 2'))).toBe(true)
  })

  it('leaves a coordinator that says nothing when there is another one, and waits for it as long as there is none', async () => {
    const one = await opened(2)
    reactions.set('EndTxn', ['silence'])
    const work = one.commit()
    expect(await outcome(work, 3_500)).toBe('waits')
    expect(requests).toEqual(['EndTxn to 1: 7/3'])
    coordinators = [2]
    expect(await outcome(work, 1_000)).toBe('done')
    expect(requests).toEqual(['EndTxn to 1: 7/3', 'EndTxn to 2: 7/3'])
  })

  it('continues with the producer id of the answer, if the epochs of the last one have run out', async () => {
    const one = await opened(2)
    reactions.set('EndTxn', ['CONNECTION_LOST', id(8, 0)])
    expect(await outcome(one.commit())).toBe('done')
    await write(one)
    expect(await outcome(one.commit())).toBe('done')
    expect(requests.at(-1)).toBe('EndTxn to 1: 8/0')
  })

  it('continues with the producer id of the answer, also if the epoch happens to be the same', async () => {
    const one = await opened(2)
    reactions.set('EndTxn', [id(8, 3)])
    expect(await outcome(one.commit())).toBe('done')
    await write(one)
    expect(await outcome(one.commit())).toBe('done')
    expect(requests.at(-1)).toBe('EndTxn to 1: 8/3')
    expect(sent.map(({ sequence }) => sequence)).toEqual([0, 0])
  })

  it('asks again if the answer has the last epoch, which is for fencing only', async () => {
    const one = await opened(2)
    reactions.set('EndTxn', [id(7, 32_767), refused(51), id(8, 0)])
    expect(await outcome(one.commit())).toBe('done')
    await write(one)
    expect(await outcome(one.commit())).toBe('done')
    expect(requests.at(-1)).toBe('EndTxn to 1: 8/0')
  })

  it.each([
    [47, 'INVALID_PRODUCER_EPOCH'],
    [48, 'INVALID_TXN_STATE'],
    [49, 'INVALID_PRODUCER_ID_MAPPING'],
    [90, 'PRODUCER_FENCED'],
    [120, 'TRANSACTION_ABORTABLE'],
    [-1, 'UNKNOWN_SERVER_ERROR'],
  ])('that is answered with error %i, also after a doubt, is no commit', async (code, name) => {
    const one = await opened(2)
    reactions.set('EndTxn', [refused(code)])
    expect(await outcome(one.commit())).toBe(name)
    const other = await opened(2)
    reactions.set('EndTxn', ['CONNECTION_LOST', refused(code)])
    expect(await outcome(other.commit())).toBe(name)
    expect(requests).toHaveLength(2)
  })

  it('that stays in doubt ends with the transaction timeout, and with what was in the way', async () => {
    const one = await opened(2)
    reactions.set('EndTxn', Array(1_000).fill('CONNECTION_LOST'))
    const work = one.commit()
    expect(await outcome(work, 4_900)).toBe('waits')
    expect(await outcome(work, 500)).toBe('CONNECTION_LOST')
  })

  it('waits no longer than its attempt', async () => {
    const one = await opened(2)
    reactions.set('EndTxn', Array(1_000).fill('CONNECTION_LOST'))
    const work = one.commit()
    expect(await outcome(work, 100)).toBe('waits')
    ended.abort()
    expect(await outcome(work, 0)).toBe('CONNECTION_LOST')
  })
})

describe('a commit in protocol v1', () => {
  it('that is answered at once, by who has opened the transaction, keeps its epoch', async () => {
    const one = await opened(1)
    expect(await outcome(one.commit())).toBe('done')
    expect(requests).toEqual(['EndTxn to 1: 7/3'])
  })

  it.each(doubts)('after %s is proven by a fresh epoch, claimed with the old one', async (_, doubt) => {
    const one = await opened(1)
    reactions.set('EndTxn', [doubt])
    expect(await outcome(one.commit())).toBe('done')
    expect(requests).toEqual(['EndTxn to 1: 7/3', 'EndTxn to 1: 7/3', 'InitProducerId to 1: 7/3'])
    await write(one)
    expect(await outcome(one.commit())).toBe('done')
    expect(requests.slice(-2)).toEqual(['AddPartitionsToTxn to 1: 7/4', 'EndTxn to 1: 7/4'])
  })

  it.each(['EndTxn', 'AddPartitionsToTxn'])(
    'after %s to a coordinator that says nothing and is replaced is proven',
    async (api) => {
      const one = await opened(1)
      expect(await outcome(one.commit())).toBe('done')
      coordinators = [2]
      reactions.set(api, ['silence'])
      expect(await outcome(write(one).then(() => one.commit()))).toBe('done')
      expect(requests.at(-1)).toBe('InitProducerId to 2: 7/3')
    },
  )

  it('that another coordinator answers than has opened the transaction needs the proof, too', async () => {
    const one = await opened(1)
    found = 2
    expect(await outcome(one.commit())).toBe('done')
    expect(requests).toEqual(['EndTxn to 2: 7/3', 'InitProducerId to 2: 7/3'])
  })

  it('and so does one whose partitions were added twice', async () => {
    const one = await opened(1)
    expect(await outcome(one.commit())).toBe('done')
    reactions.set('AddPartitionsToTxn', ['REQUEST_TIMEOUT'])
    const written = write(one)
    expect(await outcome(written)).toBe('done')
    expect(await outcome(one.commit())).toBe('done')
    expect(requests.at(-1)).toBe('InitProducerId to 1: 7/3')
  })

  it('is none if the proof is refused: somebody else has the id', async () => {
    const one = await opened(1)
    reactions.set('EndTxn', ['CONNECTION_LOST'])
    reactions.set('InitProducerId', [refused(51), refused(90)])
    expect(await outcome(one.commit())).toBe('PRODUCER_FENCED')
  })

  it('claims with the same epoch again if the answer to the proof is lost', async () => {
    const one = await opened(1)
    reactions.set('EndTxn', [refused(16)])
    reactions.set('InitProducerId', ['CONNECTION_LOST', id(8, 0)])
    expect(await outcome(one.commit())).toBe('done')
    expect(requests.slice(-2)).toEqual(['InitProducerId to 1: 7/3', 'InitProducerId to 1: 7/3'])
  })
})

describe.each([1, 2])('an abandoned producer, in protocol v%i,', (version) => {
  it.each(beginnings)('aborts a transaction that %s has begun, once', async (_, begin) => {
    const one = await initialised(version)
    await begin(one)
    requests.length = 0
    expect(await outcome(one.abandon())).toBe('done')
    expect(await outcome(one.abandon())).toBe('done')
    expect(requests).toEqual(['EndTxn to 1: 7/3 abort'])
  })

  it('asks for nothing if nothing has begun, or all of it is committed', async () => {
    const fresh = await initialised(version)
    expect(await outcome(fresh.abandon())).toBe('done')
    const one = await opened(version)
    await one.commit()
    requests.length = 0
    expect(await outcome(one.abandon())).toBe('done')
    expect(requests).toEqual([])
  })

  it('does not take a refused abort for one', async () => {
    const one = await opened(version)
    reactions.set('EndTxn', [refused(48)])
    expect(await outcome(one.abandon())).toBe('INVALID_TXN_STATE')
    expect(await outcome(one.abandon())).toBe('done')
    expect(requests).toEqual(['EndTxn to 1: 7/3 abort', 'EndTxn to 1: 7/3 abort'])
  })
})

describe('an abandoned producer', () => {
  it('waits in protocol v1 for what is on its way, and in v2 for nothing', async () => {
    for (const [version, expected] of [
      [1, 'waits'],
      [2, 'done'],
    ] as const) {
      const one = await opened(version)
      reactions.set('Produce', ['silence'])
      void write(one)
      expect(await outcome(one.abandon(), 500)).toBe(expected)
    }
  })

  it('leaves it to the next fence in protocol v1 if something may still be on its way', async () => {
    const one = await opened(1)
    reactions.set('EndTxn', Array(1_000).fill('CONNECTION_LOST'))
    expect(await outcome(one.commit(), 10_000)).toBe('CONNECTION_LOST')
    requests.length = 0
    expect(await outcome(one.abandon())).toBe('done')
    expect(requests).toEqual([])
  })
})

describe('the batches of a partition', () => {
  const leading = { ...{ topic: 'topic', errorMessage: null, baseOffset: 0, refused: [] } }

  it.each([
    [1, 'going on in the next transaction', [0, 2, 3, 4]],
    [2, 'anew in the next transaction', [0, 2, 0, 1]],
  ])('are numbered by their records: protocol v%i, %s', async (version, _, expected) => {
    const one = await initialised(version)
    const two = parcel()
    two.builder.append(0, null, Buffer.from('y'), [])
    await one.send([two, parcel(1)])
    await one.offer([parcel()])
    await one.commit()
    await write(one)
    await one.offer([parcel()])
    const of = (partition: number) => sent.filter((batch) => batch.partition === partition)
    expect(of(0).map(({ sequence }) => sequence)).toEqual(expected)
    expect(of(1).map(({ sequence }) => sequence)).toEqual([0])
  })

  it('keep the number of one that was refused for what is in it', async () => {
    const one = await initialised(2)
    const refusal = [
      { ...leading, partition: 0, errorCode: 10 },
      { ...leading, partition: 1, errorCode: 0 },
    ]
    reactions.set('Produce', [refusal])
    const big = parcel()
    const back = await one.offer([big, parcel(1)])
    expect(back).toMatchObject([{ batch: big, error: { code: 'MESSAGE_TOO_LARGE' } }])
    expect(await one.offer([parcel(), parcel(1)])).toEqual([])
    expect(sent.map(({ partition, sequence }) => `${partition}: ${sequence}`)).toEqual(['0: 0', '1: 0', '0: 0', '1: 1'])
  })
})

describe('committing offsets', () => {
  it.each([
    [1, ['AddOffsetsToTxn to 1: 7/3', 'TxnOffsetCommit to 1: 7/3']],
    [2, ['TxnOffsetCommit to 1: 7/3']],
  ])('in protocol v%i makes the requests %j', async (version, expected) => {
    const one = await initialised(version)
    expect(await outcome(commitOffsets(one))).toBe('done')
    expect(requests).toEqual(expected)
  })

  it('fails with what a single partition was refused for', async () => {
    const one = await initialised(2)
    const place = { topic: 'topic', partition: 0 }
    reactions.set('TxnOffsetCommit', [
      [
        { ...place, errorCode: 0 },
        { ...place, partition: 1, errorCode: 29 },
      ],
    ])
    expect(await outcome(commitOffsets(one))).toBe('TOPIC_AUTHORIZATION_FAILED')
  })
})

describe('a fence', () => {
  it.each(['CONNECTION_LOST', 'REQUEST_TIMEOUT'])('is asked for again after %s, elsewhere', async (code) => {
    reactions.set('InitProducerId', [code])
    coordinators = [1, 2]
    const identity = { transactionalId: 'id', transactionTimeout: 5_000, acks: -1 } as const
    const made = producer({ clock, signal: ended.signal }, connections(2), leaders, identity)
    expect(await outcome(made.init())).toBe('done')
    expect(requests).toEqual(['InitProducerId to 1: -1/-1', 'InitProducerId to 2: -1/-1'])
  })
})
