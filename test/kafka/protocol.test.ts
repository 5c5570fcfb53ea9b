import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addOffsetsToTxn } from '../../src/kafka/protocol/addOffsetsToTxn.ts'
import { addPartitionsToTxn } from '../../src/kafka/protocol/addPartitionsToTxn.ts'
import type { Api } from '../../src/kafka/protocol/api.ts'
import { apiVersions } from '../../src/kafka/protocol/apiVersions.ts'
import { deleteRecords } from '../../src/kafka/protocol/deleteRecords.ts'
import { describeConfigs } from '../../src/kafka/protocol/describeConfigs.ts'
import { describeProducers } from '../../src/kafka/protocol/describeProducers.ts'
import { endTxn } from '../../src/kafka/protocol/endTxn.ts'
import { fetch } from '../../src/kafka/protocol/fetch.ts'
import { findCoordinator } from '../../src/kafka/protocol/findCoordinator.ts'
import { initProducerId } from '../../src/kafka/protocol/initProducerId.ts'
import { earliest, latest, listOffsets } from '../../src/kafka/protocol/listOffsets.ts'
import { metadata, zeroTopicId } from '../../src/kafka/protocol/metadata.ts'
import { produce } from '../../src/kafka/protocol/produce.ts'
import { reader } from '../../src/kafka/protocol/reader.ts'
import { txnOffsetCommit } from '../../src/kafka/protocol/txnOffsetCommit.ts'
import { type Writer, writer } from '../../src/kafka/protocol/writer.ts'
import { recordedBytes } from './recordedBytes.ts'

const topicId = 'VywcbnHjSdumcDfEpCyPYQ'
const lines0 = { topic: 'lines', partition: 0 }
const producer = { transactionalId: 'tx', producerId: 4001, producerEpoch: 7 }

function written(write: (to: Writer) => void): Buffer {
  const to = writer(4)
  write(to)
  const frame = Buffer.concat(to.frame())
  expect(frame.readInt32BE(0)).toBe(frame.length - 4)
  return frame.subarray(4)
}

function request<A, R>(api: Api<A, R>, version: number, args: A): string {
  return written((to) => api.encode(to, args, version)).toString('hex')
}

function answer<A, R>(api: Api<A, R>, version: number, args: A, bytes: string): R {
  const from = reader(Buffer.from(bytes, 'hex'))
  const read = api.decode(from, version, args)
  expect(() => from.int8(), 'nothing of the answer is left').toThrow(RangeError)
  return read
}

const offsets = {
  isolation: 'read_committed',
  partitions: [
    { ...lines0, timestamp: earliest },
    { topic: 'more', partition: 0, timestamp: latest },
    { topic: 'lines', partition: 1, timestamp: 1_700_000_000_000 },
  ],
} as const
const wanted = {
  maxWait: 500,
  minBytes: 1,
  maxBytes: 1_048_576,
  partitions: [
    { ...lines0, topicId, offset: 41, maxBytes: 65_536 },
    { topic: 'lines', topicId, partition: 3, offset: 0, maxBytes: 1 },
  ],
}
const batches = {
  transactionalId: 'tx',
  acks: -1,
  timeout: 30_000,
  batches: [
    { ...lines0, records: Buffer.from([1, 2, 3]) },
    { topic: 'ledger', partition: 0, records: Buffer.from([6]) },
    { topic: 'lines', partition: 2, records: Buffer.from([4, 5]) },
  ],
} as const
const noBatches = { transactionalId: null, acks: 1, timeout: 5, batches: [] } as const
const bare = { transactionTimeout: 60_000, producerId: -1, producerEpoch: -1 }
const added = {
  ...producer,
  partitions: [lines0, { topic: 'lines', partition: 2 }, { topic: 'ledger', partition: 0 }],
}
const group = { ...producer, groupId: 'uppercase' }
const committed = { ...group, offsets: [{ ...lines0, offset: 41 }] }
const ended = { ...producer, committed: true }
const configs = { topic: 'lines', names: ['max.message.bytes', 'retention.ms'] }
const places = added.partitions
const before = places.map((place, at) => ({ ...place, offset: [41, 7, 1][at] as number }))

describe('a request is written byte for byte as Kafka writes it', () => {
  it.each([
    ['ApiVersions request 3', request(apiVersions, 3, undefined)],
    ['Metadata request 12', request(metadata, 12, ['lines', 'zeilen-ü'])],
    ['FindCoordinator request 4', request(findCoordinator, 4, { type: 'transaction', key: 'tx' })],
    ['FindCoordinator request 5', request(findCoordinator, 5, { type: 'transaction', key: 'tx' })],
    ['ListOffsets request 6', request(listOffsets, 6, offsets)],
    ['ListOffsets request 7', request(listOffsets, 7, offsets)],
    ['Fetch request 12', request(fetch, 12, wanted)],
    ['Fetch request 13', request(fetch, 13, wanted)],
    ['Produce request 9', request(produce, 9, batches)],
    ['Produce request 12', request(produce, 12, batches)],
    ['Produce request without a transaction 11', request(produce, 11, noBatches)],
    ['InitProducerId request 4', request(initProducerId, 4, { transactionalId: 'tx', ...bare })],
    ['InitProducerId request 5', request(initProducerId, 5, { transactionalId: 'tx', ...bare })],
    [
      'InitProducerId request without a transaction 4',
      request(initProducerId, 4, { transactionalId: null, ...bare, transactionTimeout: 0 }),
    ],
    ['AddPartitionsToTxn request 3', request(addPartitionsToTxn, 3, added)],
    ['AddOffsetsToTxn request 3', request(addOffsetsToTxn, 3, group)],
    ['AddOffsetsToTxn request 4', request(addOffsetsToTxn, 4, group)],
    ['TxnOffsetCommit request 3', request(txnOffsetCommit, 3, committed)],
    ['TxnOffsetCommit request 5', request(txnOffsetCommit, 5, committed)],
    ['EndTxn request 3', request(endTxn, 3, ended)],
    ['EndTxn request 5', request(endTxn, 5, ended)],
    ['DescribeConfigs request 4', request(describeConfigs, 4, configs)],
    ['DescribeProducers request 0', request(describeProducers, 0, places)],
    ['DeleteRecords request 2', request(deleteRecords, 2, before)],
  ] as const)('%s', (name, bytes) => {
    expect(bytes).toBe(recordedBytes[name])
  })
})

describe('leader epochs', () => {
  const none = 'ffffffff'
  const offset41 = '0000000000000029'

  it('are sent with Fetch where they are known: of the leader, and of what was read last', () => {
    const [first, ...others] = wanted.partitions
    const known = { ...wanted, partitions: [{ ...first, leaderEpoch: 7, lastFetchedEpoch: 6 } as never, ...others] }
    for (const version of [12, 13]) {
      const unknown = request(fetch, version, wanted)
      const epochs = unknown.replace(`${none}${offset41}${none}`, `00000007${offset41}00000006`)
      expect(epochs).not.toBe(unknown)
      expect(request(fetch, version, known)).toBe(epochs)
    }
  })

  it('are sent with ListOffsets where they are known', () => {
    const [first, ...others] = offsets.partitions
    const known = { ...offsets, partitions: [{ ...first, leaderEpoch: 7 }, ...others] }
    const unknown = request(listOffsets, 7, offsets)
    const epochs = unknown.replace(`${none}fffffffffffffffe`, '00000007fffffffffffffffe')
    expect(epochs).not.toBe(unknown)
    expect(request(listOffsets, 7, known)).toBe(epochs)
  })
})

describe("an answer in Kafka's bytes is read as what it says", () => {
  it('ApiVersions: versions by api, and features that are on, among tags that nobody asked for', () => {
    const found = answer(apiVersions, 3, undefined, recordedBytes['ApiVersions answer 3'])
    expect(found.errorCode).toBe(0)
    expect([...found.versions]).toEqual([
      [0, { min: 3, max: 12 }],
      [26, { min: 0, max: 5 }],
    ])
    expect(Object.fromEntries(found.features)).toEqual({ 'metadata.version': 27, 'transaction.version': 2 })
  })

  it('ApiVersions: a broker that does not know the version says so in another form', () => {
    const other = reader(Buffer.from('002300000001001200000003', 'hex'))
    expect(apiVersions.decode(other, 3, undefined).errorCode).toBe(35)
  })

  it('Metadata: brokers, and topics with their partitions in order', () => {
    expect(answer(metadata, 12, [], recordedBytes['Metadata answer 12'])).toEqual({
      brokers: [
        { node: 1, host: 'kafka-broker1', port: 9092 },
        { node: 2, host: 'kafka-broker2', port: 9093 },
      ],
      controller: 2,
      topics: [
        {
          errorCode: 0,
          name: 'lines',
          topicId,
          partitions: [
            { errorCode: 0, partition: 0, leader: 2, leaderEpoch: 7 },
            { errorCode: 5, partition: 1, leader: -1, leaderEpoch: 3 },
          ],
        },
        { errorCode: 3, name: 'gone', topicId: zeroTopicId, partitions: [] },
      ],
    })
  })

  it('FindCoordinator: a node, or an error', () => {
    const args = { type: 'transaction', key: 'tx' } as const
    expect(answer(findCoordinator, 5, args, recordedBytes['FindCoordinator answer 5'])).toEqual({
      errorCode: 0,
      errorMessage: 'fine',
      node: 2,
      host: 'kafka-broker2',
      port: 9093,
    })
    expect(answer(findCoordinator, 4, args, recordedBytes['FindCoordinator answer 4'])).toMatchObject({
      errorCode: 15,
      errorMessage: null,
      node: -1,
    })
  })

  it('ListOffsets: offsets up to the last safe number', () => {
    expect(answer(listOffsets, 7, offsets, recordedBytes['ListOffsets answer 7'])).toEqual([
      { ...lines0, errorCode: 0, offset: Number.MAX_SAFE_INTEGER, leaderEpoch: 3, timestamp: 1_700_000_000_001 },
      { topic: 'lines', partition: 1, errorCode: 6, offset: -1, leaderEpoch: -1, timestamp: -1 },
    ])
  })

  it.each([12, 13] as const)(
    'Fetch %i: partitions under the name of their topic, and no records as no bytes',
    (version) => {
      expect(answer(fetch, version, wanted, recordedBytes[`Fetch answer ${version}`])).toEqual([
        {
          ...lines0,
          errorCode: 0,
          highWatermark: 50,
          lastStableOffset: 45,
          logStartOffset: 2,
          abortedTransactions: [{ producerId: 1001, firstOffset: 42 }],
          records: Buffer.from([1, 2, 3, 4, 5]),
          throttleTime: 0,
          divergingEpoch: null,
        },
        {
          topic: 'lines',
          partition: 3,
          errorCode: 6,
          highWatermark: -1,
          lastStableOffset: -1,
          logStartOffset: -1,
          abortedTransactions: [],
          records: Buffer.alloc(0),
          throttleTime: 0,
          divergingEpoch: null,
        },
      ])
    },
  )

  it('Fetch: how long the broker was throttled, and where the log has diverged from what was read', () => {
    const recorded = recordedBytes['Fetch answer 13']
    const currentLeader = '0109000000020000000900'
    const divergingEpoch = '000d00000003000000000000002800'
    expect(recorded.endsWith(`01${currentLeader}0000`)).toBe(true)
    const bytes = `000000fa${recorded.slice(8, -currentLeader.length - 4)}${divergingEpoch}0000`
    const [fine, diverged] = answer(fetch, 13, wanted, bytes)
    expect(fine).toMatchObject({ throttleTime: 250, divergingEpoch: null })
    expect(diverged).toMatchObject({ partition: 3, divergingEpoch: { epoch: 3, endOffset: 40 } })
  })

  it('Fetch: the records are a view of the answer', () => {
    const bytes = Buffer.from(recordedBytes['Fetch answer 13'], 'hex')
    const [found] = fetch.decode(reader(bytes), 13, wanted)
    expect(found?.records.buffer).toBe(bytes.buffer)
  })

  it('Fetch: an error of the whole request is told for each partition', () => {
    const found = answer(fetch, 13, wanted, recordedBytes['Fetch answer of an error'])
    expect(found.map(({ topic, partition, errorCode }) => [topic, partition, errorCode])).toEqual([
      ['lines', 0, 106],
      ['lines', 3, 106],
    ])
  })

  it('Fetch: a topic without an id goes by name', () => {
    const [partition] = wanted.partitions
    expect(fetch.newest?.(wanted)).toBe(13)
    expect(
      fetch.newest?.({
        ...wanted,
        partitions: [{ ...lines0, ...partition, offset: 1, maxBytes: 1, topicId: zeroTopicId }],
      }),
    ).toBe(12)
  })

  it.each([9, 12] as const)('Produce %i: offsets, and why a record was refused', (version) => {
    expect(answer(produce, version, batches, recordedBytes[`Produce answer ${version}`])).toEqual([
      { ...lines0, errorCode: 0, errorMessage: null, refused: [], baseOffset: 123_456_789_012 },
      {
        ...{ topic: 'lines', partition: 2, errorCode: 87, errorMessage: 'no key', baseOffset: -1 },
        refused: [{ index: expect.any(Number), message: 'no key' }],
      },
    ])
  })

  it('InitProducerId: the producer id and its epoch', () => {
    const args = { transactionalId: 'tx', ...bare }
    const expected = { errorCode: 0, producerId: 4001, producerEpoch: 7 }
    expect(answer(initProducerId, 5, args, recordedBytes['InitProducerId answer 5'])).toEqual(expected)
  })

  it('AddPartitionsToTxn: the reason before what was not attempted because of it', () => {
    expect(answer(addPartitionsToTxn, 3, added, recordedBytes['AddPartitionsToTxn answer 3'])).toEqual([
      { topic: 'lines', partition: 2, errorCode: 3 },
      { ...lines0, errorCode: 55 },
    ])
  })

  it('AddOffsetsToTxn and TxnOffsetCommit: errors', () => {
    expect(answer(addOffsetsToTxn, 4, group, recordedBytes['AddOffsetsToTxn answer 4'])).toEqual({ errorCode: 51 })
    expect(answer(txnOffsetCommit, 5, committed, recordedBytes['TxnOffsetCommit answer 5'])).toEqual([
      { ...lines0, errorCode: 22 },
    ])
  })

  it('EndTxn: the next producer id and epoch; below version 5 those of the request', () => {
    expect(answer(endTxn, 5, ended, recordedBytes['EndTxn answer 5'])).toEqual({
      errorCode: 0,
      producerId: 4002,
      producerEpoch: 0,
    })
    expect(answer(endTxn, 4, ended, recordedBytes['EndTxn answer 4'])).toEqual({
      errorCode: 48,
      producerId: 4001,
      producerEpoch: 7,
    })
  })
})

describe('an answer about the configuration of a topic', () => {
  it('DescribeConfigs: values, without those that are not told', () => {
    const { errorCode, values } = answer(describeConfigs, 4, configs, recordedBytes['DescribeConfigs answer 4'])
    expect([errorCode, ...values]).toEqual([0, ['max.message.bytes', '1048588']])
  })

  it('DescribeConfigs: a refusal', () => {
    const refused = answer(describeConfigs, 4, configs, recordedBytes['DescribeConfigs refusal 4'])
    expect(refused).toEqual({ errorCode: 29, values: new Map() })
  })
})

describe('answers about partitions of several topics', () => {
  it('DescribeProducers: producers with and without an open transaction, and errors', () => {
    expect(answer(describeProducers, 0, places, recordedBytes['DescribeProducers answer 0'])).toEqual([
      {
        ...{ ...lines0, errorCode: 0 },
        producers: [
          { producerId: 4001, transactionStart: 41 },
          { producerId: 4002, transactionStart: -1 },
        ],
      },
      { topic: 'lines', partition: 2, errorCode: 6, producers: [] },
      { topic: 'ledger', partition: 0, errorCode: 29, producers: [] },
    ])
  })

  it('DeleteRecords: an error for each partition', () => {
    expect(answer(deleteRecords, 2, before, recordedBytes['DeleteRecords answer 2'])).toEqual([
      { ...lines0, errorCode: 0 },
      { topic: 'lines', partition: 2, errorCode: 1 },
      { topic: 'ledger', partition: 0, errorCode: 29 },
    ])
  })
})

describe('writer and reader', () => {
  it('read back what was written, whatever the order and the sizes', () => {
    const field = fc.oneof(
      fc.tuple(fc.constant('int8' as const), fc.integer({ min: -128, max: 127 })),
      fc.tuple(fc.constant('int16' as const), fc.integer({ min: -32_768, max: 32_767 })),
      fc.tuple(fc.constant('int32' as const), fc.integer()),
      fc.tuple(fc.constant('int64' as const), fc.maxSafeInteger()),
      fc.tuple(fc.constant('uvarint' as const), fc.nat()),
      fc.tuple(fc.constant('boolean' as const), fc.boolean()),
      fc.tuple(fc.constant('nullableString' as const), fc.option(fc.string({ unit: 'grapheme' }))),
      fc.tuple(
        fc.constant('bytes' as const),
        fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes)),
      ),
    )
    fc.assert(
      fc.property(fc.array(field), (fields) => {
        const bytes = written((to) => {
          for (const [kind, value] of fields) {
            if (kind === 'nullableString') to.string(value)
            else (to[kind] as (value: unknown) => void)(value)
          }
        })
        const from = reader(bytes)
        expect(fields.map(([kind]) => from[kind]())).toEqual(fields.map(([, value]) => value))
        expect(() => from.int8()).toThrow(RangeError)
      }),
    )
  })

  it('do not copy record batches', () => {
    const batch = Buffer.alloc(100)
    const to = writer()
    to.int32(1)
    to.bytes(batch)
    to.tags()
    expect(to.frame()).toContain(batch)
  })

  it('refuse numbers beyond the safe ones, in both directions', () => {
    expect(() => writer().int64(2 ** 53)).toThrow(RangeError)
    expect(() => reader(Buffer.from('0020000000000000', 'hex')).int64()).toThrow(RangeError)
  })

  it('refuse an answer that was cut short, wherever that is', () => {
    const bytes = Buffer.from(recordedBytes['Metadata answer 12'], 'hex')
    for (let length = 0; length < bytes.length; length++) {
      expect(() => metadata.decode(reader(bytes.subarray(0, length)), 12, [])).toThrow(RangeError)
    }
  })

  it('refuse a count of elements that cannot be there', () => {
    expect(() => reader(Buffer.from('ffffffff0f', 'hex')).array(() => undefined)).toThrow(RangeError)
  })

  it('read as many elements as there are bytes', () => {
    const from = reader(Buffer.from('03' + '0700', 'hex'))
    expect(from.array(() => from.int8())).toEqual([7, 0])
  })
})
