/** What reads bytes that others have written: each with inputs to begin with, and the errors that are right. */
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { crc32c } from '@node-rs/crc32'
import { decodeIndexes } from '../../packages/schema-registry/src/messageIndexes.ts'
import { dataIn, idIn } from '../../packages/schema-registry/src/wireFormat.ts'
import { decodeEntry, encodeEntry } from '../../src/checkpoint/ledgerCodec.ts'
import { snapshotKey } from '../../src/checkpoint/names.ts'
import { readSnapshot } from '../../src/checkpoint/snapshotReader.ts'
import { writeSnapshot } from '../../src/checkpoint/snapshotWriter.ts'
import { batchCursor } from '../../src/embedded/batchCursor.ts'
import { CorruptedError, RxweftError } from '../../src/errors.ts'
import { deadLetterJson } from '../../src/job/badRecords/deadLetterJson.ts'
import { type Compression, compressionCode } from '../../src/kafka/batch/compression.ts'
import { answers } from '../../src/kafka/driver/answers.ts'
import { decodeAnswer, openAnswer } from '../../src/kafka/driver/frames.ts'
import { addOffsetsToTxn } from '../../src/kafka/protocol/addOffsetsToTxn.ts'
import { addPartitionsToTxn } from '../../src/kafka/protocol/addPartitionsToTxn.ts'
import type { Api } from '../../src/kafka/protocol/api.ts'
import { apiVersions } from '../../src/kafka/protocol/apiVersions.ts'
import { deleteRecords } from '../../src/kafka/protocol/deleteRecords.ts'
import { describeTransactions } from '../../src/kafka/protocol/describeTransactions.ts'
import { endTxn } from '../../src/kafka/protocol/endTxn.ts'
import { fetch } from '../../src/kafka/protocol/fetch.ts'
import { findCoordinator } from '../../src/kafka/protocol/findCoordinator.ts'
import { heartbeat } from '../../src/kafka/protocol/heartbeat.ts'
import { initProducerId } from '../../src/kafka/protocol/initProducerId.ts'
import { joinGroup } from '../../src/kafka/protocol/joinGroup.ts'
import { leaveGroup } from '../../src/kafka/protocol/leaveGroup.ts'
import { listOffsets } from '../../src/kafka/protocol/listOffsets.ts'
import { listTransactions } from '../../src/kafka/protocol/listTransactions.ts'
import { metadata } from '../../src/kafka/protocol/metadata.ts'
import { produce } from '../../src/kafka/protocol/produce.ts'
import { syncGroup } from '../../src/kafka/protocol/syncGroup.ts'
import { txnOffsetCommit } from '../../src/kafka/protocol/txnOffsetCommit.ts'
import { committedRecords } from '../../src/kafka/reading/committedRecords.ts'
import { json } from '../../src/serde/json.ts'
import { messagePack } from '../../src/serde/messagePack.ts'
import type { Serde } from '../../src/serde/serde.ts'
import { text } from '../../src/serde/text.ts'
import { marker } from '../kafka/batch/markers.ts'
import { built, type Plain, place } from '../kafka/batch/plainRecords.ts'
import { recordedBytes } from '../kafka/recordedBytes.ts'

export interface Target {
  readonly name: string
  seeds(): readonly Buffer[] | Promise<readonly Buffer[]>
  /** Makes sums and lengths right again, so that what lies behind them is reached. */
  repair?(input: Buffer): Buffer
  /** Throws what the reader throws; anything but the errors that `isRight` knows is a finding. */
  run(input: Buffer): void | Promise<void>
  isRight(thrown: unknown): boolean
}

const isNamed = (thrown: unknown): boolean => thrown instanceof RxweftError
const isTypeError = (thrown: unknown): boolean => thrown instanceof TypeError && thrown.name === 'TypeError'

// Protocol: the first two bytes of an input choose the api and its version.

const lines = { topic: 'lines', partition: 3, topicId: 'VywcbnHjSdumcDfEpCyPYQ', offset: 41, maxBytes: 1 }
const apis: readonly (readonly [Api<never, unknown>, unknown])[] = [
  [apiVersions, undefined],
  [metadata, ['lines']],
  [findCoordinator, { type: 'transaction', key: 'tx' }],
  [listOffsets, { isolation: 'read_committed', partitions: [lines] }],
  [fetch, { maxWait: 5, minBytes: 1, maxBytes: 9, partitions: [lines] }],
  [produce, { transactionalId: 'tx', acks: -1, timeout: 5, batches: [] }],
  [initProducerId, {}],
  [addPartitionsToTxn, {}],
  [addOffsetsToTxn, {}],
  [txnOffsetCommit, {}],
  [endTxn, {}],
  [deleteRecords, {}],
  [listTransactions, []],
  [describeTransactions, []],
  [joinGroup, {}],
  [syncGroup, {}],
  [heartbeat, {}],
  [leaveGroup, {}],
] as never

const protocol: Target = {
  name: 'answers of a broker',
  seeds: () =>
    Object.entries(recordedBytes).flatMap(([name, hex]) => {
      const at = apis.findIndex(([api]) => name.startsWith(`${api.name} answer`))
      const [api] = apis[at] ?? []
      const version = Number(/\d+$/.exec(name)?.[0] ?? api?.max)
      return api === undefined ? [] : [Buffer.concat([Buffer.from([at, version - api.min]), Buffer.from(hex, 'hex')])]
    }),
  run(input) {
    const [at = 0, version = 0] = input
    const [api, args] = apis[at % apis.length] as (typeof apis)[number]
    const versions = api.max - api.min + 1
    // An answer begins with tagged fields of its header, but for that of ApiVersions.
    const payload = api.key === apiVersions.key ? input.subarray(2) : Buffer.concat([Buffer.of(0), input.subarray(2)])
    decodeAnswer(api, args as never, api.min + (version % versions), payload)
  },
  // Becomes MALFORMED_ANSWER in wire.ts.
  isRight: (thrown) => thrown instanceof RangeError,
}

const frames: Target = {
  name: 'frames of a socket',
  seeds: () => [
    Buffer.from('0000000600000001abcd00000004000000020000000700000003010203', 'hex'),
    Buffer.from('HTTP/1.1 400'),
  ],
  run(input) {
    const take = answers((answer) => void openAnswer(answer))
    for (let at = 0; at < input.length; at += 7) take(input.subarray(at, at + 7))
  },
  isRight: (thrown) => thrown instanceof RangeError,
}

// Record batches.

const plain = (value: string | null, headers: Plain['headers'] = []): Plain => ({
  timestamp: 1_700_000_000_000,
  key: Buffer.from('key'),
  value: value === null ? null : Buffer.from(value),
  headers,
})
const some: readonly Plain[] = [
  plain('a'.repeat(40)),
  plain(null, [
    { name: 'h', value: Buffer.from('v') },
    { name: '', value: null },
  ]),
  plain('c'.repeat(300)),
]
const compressions: readonly Compression[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

/** Length and checksum of each batch are made right, as far as its length leads. */
function sealed(input: Buffer): Buffer {
  const bytes = Buffer.from(input)
  for (let at = 0; at + 61 <= bytes.length; ) {
    const stated = bytes.readInt32BE(at + 8)
    const length = stated >= 49 && at + 12 + stated <= bytes.length ? stated : bytes.length - at - 12
    bytes.writeInt32BE(length, at + 8)
    bytes[at + 16] = 2
    bytes.writeUInt32BE(crc32c(bytes.subarray(at + 21, at + 12 + length)), at + 17)
    at += 12 + length
  }
  return bytes
}

function readAll(input: Buffer): void {
  const decided = { errorCode: 0, highWatermark: 9, lastStableOffset: 9, logStartOffset: 0 }
  const abortedTransactions = [{ producerId: 7, firstOffset: 0 }]
  let next = -1
  committedRecords(
    { ...place, ...decided, abortedTransactions, records: input } as never,
    0,
    (record) => {
      const { offset, timestamp } = record
      if (!(Number.isSafeInteger(offset) && offset >= 0 && Number.isFinite(timestamp))) throw new Error('no offset')
      if (offset < next && next < 2 ** 40) next = offset
      record.key()
      record.value()
      for (const { name, value } of record.headers())
        if (typeof name !== 'string' || value === undefined) throw new Error('no header')
    },
    undefined,
    (batch, from, error) => {
      if (!error.badRecord) throw error
      if (!(from >= 0 && from <= batch.lastOffset + 1)) throw new Error('no range')
    },
  )
}

const batches: Target = {
  name: 'record batches',
  seeds: () => [
    ...compressions.map((compression) => built(some, { compression })),
    Buffer.concat([built(some), built(some, { compression: 'zstd', baseOffset: 3 })]),
    Buffer.concat([
      built(some, { identity: { producerId: 7, producerEpoch: 1, baseSequence: 0, transactional: true } }),
      marker(3, 7, 'abort'),
      built(some, { baseOffset: 4 }),
    ]),
  ],
  repair: sealed,
  run: readAll,
  isRight: isNamed,
}

/** The input is what is compressed, behind a header that is right. */
const compressed: readonly Target[] = compressions.slice(1).map((compression) => ({
  name: `${compression} in record batches`,
  seeds: () =>
    [some, [plain('x'.repeat(9_000))], [plain('0123456789'.repeat(900)), plain('')]].map((one) =>
      built(one, { compression }).subarray(61),
    ),
  run(input) {
    const batch = Buffer.concat([built(some).subarray(0, 61), input])
    batch.writeInt16BE(compressionCode(compression), 21)
    readAll(sealed(batch))
  },
  isRight: isNamed,
}))

// Codecs. What is read must be written and read again as the same.

const values = [
  null,
  true,
  0,
  -1.5,
  1e300,
  'text "quoted" \\ ü',
  [1, [2, {}]],
  { a: { b: ['c', null] }, __proto__x: 1, n: 9007199254740991 },
]

function codec(name: string, serde: Serde<unknown>, seeds: readonly Buffer[]): Target {
  return {
    name,
    seeds: () => seeds,
    run(input) {
      const value = serde.decode(input)
      let bytes: Uint8Array | null
      try {
        bytes = serde.encode(value)
      } catch (thrown) {
        // MessagePack's reader does not notice bytes that are no UTF-8, and half a surrogate pair may come of them (DESIGN.md).
        if (/half a surrogate pair/.test(String(thrown))) return
        throw new Error(`what was read cannot be written: ${thrown}`)
      }
      const again = serde.encode(serde.decode(Buffer.from(bytes ?? [])))
      if (!Buffer.from(again ?? []).equals(Buffer.from(bytes ?? [])))
        throw new Error('what was read is not what is written')
    },
    isRight: isTypeError,
  }
}

const texts = values.map((value) => Buffer.from(JSON.stringify(value)))
const numbers = Buffer.from('{"id":9007199254740993,"f":[0.1,1e400,-0,123456789012345678901234567890]}')
const letter = { value: { $bytes: 1 }, key: 5n, timestamp: 1, headers: [{ name: 'h', value: Buffer.from('v') }] }
const where = { topic: 't', partition: 0, offset: 5, operator: 'o', code: 'C', message: 'm', job: 'j' }
const codecs: readonly Target[] = [
  codec('json', json(), [...texts, numbers]),
  codec('json with bigints', json({ bigints: true }), [...texts, numbers]),
  codec('text', text as Serde<unknown>, texts),
  codec(
    'MessagePack',
    messagePack(),
    [...values, 5n, new Map([[1, new Set(['x'])]]), new Date(5), Buffer.from('b'), 2n ** 63n].map((value) =>
      Buffer.from(messagePack<unknown>().encode(value) ?? []),
    ),
  ),
  codec('dead letters', deadLetterJson as Serde<unknown>, [
    Buffer.from(deadLetterJson.encode({ ...letter, ...where }) ?? []),
  ]),
]

const registry: Target = {
  name: 'the wire format of a schema registry',
  seeds: () => ['0000000007', '000000000700', '00000000070402020a', 'ff'].map((hex) => Buffer.from(hex, 'hex')),
  run(input) {
    if (idIn(input) !== null) decodeIndexes(dataIn(input))
  },
  isRight: (thrown) => isTypeError(thrown) || isNamed(thrown),
}

// What a job has stored.

const entry = {
  lineage: 'l',
  checkpoint: 7,
  owner: 'o',
  handles: { sink: { a: 1 } },
  shards: 2,
  snapshot: { key: snapshotKey('j', 0, 7, 'a'), sha256: '0'.repeat(64), bytes: 5 },
  positions: [{ source: 's', splits: [{ topic: 't', partition: 0, offset: 5, topicId: 'x' }] }],
}

/** The first line states size and sha-256 of what follows. */
function summed(input: Buffer): Buffer {
  const end = input.indexOf(0x0a)
  if (end < 0) return input
  const body = input.subarray(end + 1)
  const line = input
    .toString('latin1', 0, end)
    .replace(/"bytes":\d+,"sha256":"[0-9a-f]+"}$/, `"bytes":${body.length},"sha256":"${hash(body)}"}`)
  return Buffer.concat([Buffer.from(`${line}\n`, 'latin1'), body])
}

function hash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

const ledger: Target = {
  name: 'ledger entries',
  seeds: () => [
    Buffer.from(encodeEntry(entry as never)),
    Buffer.from(encodeEntry({ ...entry, snapshot: null, shards: undefined } as never)),
  ],
  repair: summed,
  run: (input) => void decodeEntry(input, 'here'),
  isRight: isNamed,
}

const named = { place: 'here', key: snapshotKey('j', 0, 12, 'a'), job: 'j', shard: 0, lineage: 'l', checkpoint: 12 }
const snapshots: Target = {
  name: 'snapshots',
  async seeds() {
    const { job, shard, lineage, checkpoint } = named
    const entries = { since: 9, blocks: () => [{ table: 'value:state', version: 1, bytes: Buffer.from('aaa\naa') }] }
    const base = [{ key: snapshotKey('j', 0, 9, 'b'), sha256: '0'.repeat(64), bytes: 77, operators: ['w'] }]
    const states = [
      { operator: 'c', state: { a: 1, b: ['x', null] } },
      { operator: 'w', state: [], entries },
    ]
    const content = { job, shard, lineage, checkpoint, attempt: 'a', base, states }
    const pieces: Uint8Array[] = []
    for await (const piece of writeSnapshot(content).chunks) pieces.push(piece)
    return [Buffer.concat(pieces)]
  },
  async run(input) {
    await readSnapshot([input], { ...named, bytes: input.length, sha256: hash(input) }, {})
  },
  isRight: isNamed,
}

const embedded: Target = {
  name: 'batches of the embedded log',
  seeds: () => [
    Buffer.from(`${'00'.repeat(8)}0100000001000000010000006162020000000100000068ff76`, 'hex'),
    Buffer.alloc(40),
  ],
  run(input) {
    const cursor = batchCursor(input, () => new CorruptedError('LOG_DAMAGED', 'damaged'))
    for (let left = 100; left > 0; left--) cursor.next()
  },
  isRight: isNamed,
}

export const targets: readonly Target[] = [
  ...[protocol, frames, batches, ...compressed, ...codecs, registry, ledger, snapshots, embedded],
]
