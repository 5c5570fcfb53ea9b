import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { snapshotKey } from '../../src/checkpoint/names.ts'
import { type SnapshotContent, snapshotMissing } from '../../src/checkpoint/snapshot.ts'
import { type ExpectedSnapshot, readSnapshot } from '../../src/checkpoint/snapshotReader.ts'
import { writeSnapshot } from '../../src/checkpoint/snapshotWriter.ts'
import type { EntryBlock, OperatorState, StateEntries } from '../../src/element.ts'
import { CorruptedError, FatalError, RetriableError, type RxweftError } from '../../src/openErrors.ts'
import type { Json } from '../../src/record.ts'
import { rejectionOf } from '../../tools/support/thrown.ts'

const blocks: readonly EntryBlock[] = [
  { table: 'value:state', version: 1, bytes: Buffer.from('aaa\naaa{"end":"rxweft-snapshot"}\n') },
  { table: 'map:panes', version: 2, bytes: Buffer.from('bbb') },
]

const entriesOf = (all: readonly EntryBlock[]): StateEntries => ({ since: 9, blocks: () => all })

const content: SnapshotContent = {
  job: 'uppercase',
  shard: 0,
  lineage: 'b7c1',
  checkpoint: 12,
  attempt: 'a-1',
  base: [{ key: snapshotKey('uppercase', 0, 9, 'a-0'), sha256: '0'.repeat(64), bytes: 77, operators: ['window'] }],
  states: [
    { operator: 'count', state: { a: 1, ünï: ['x', null, true, 1.5] } },
    { operator: 'window', state: [], entries: entriesOf(blocks) },
  ] as readonly OperatorState[],
}
const key = snapshotKey('uppercase', 0, 12, 'a-1')

async function written(changed: Partial<SnapshotContent> = {}) {
  const snapshot = writeSnapshot({ ...content, ...changed })
  const bytes = await collected(snapshot.chunks)
  const { job, shard, lineage, checkpoint } = content
  return { bytes, expected: { place: 'folder /data', key, job, shard, lineage, checkpoint, ...snapshot.sum() } }
}

test('a snapshot is written in pieces of 64 KiB or a little more, and a rest', async () => {
  const states = Array.from({ length: 40 }, (_, at) => ({ operator: `o${at}`, state: 'x'.repeat(20_000) }))
  const sizes: number[] = []
  for await (const piece of writeSnapshot({ ...content, states }).chunks) sizes.push(piece.length)
  expect(sizes.length).toBeGreaterThan(5)
  for (const size of sizes.slice(0, -1)) {
    expect(size).toBeGreaterThanOrEqual(64 * 1024)
    expect(size).toBeLessThan(64 * 1024 + 21_000)
  }
})

async function collected(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of chunks) pieces.push(piece)
  return Buffer.concat(pieces)
}

/** In pieces of so many bytes. */
function* pieces(bytes: Uint8Array, size = 1_000): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(bytes: Uint8Array, expected: ExpectedSnapshot, size?: number) {
  const states: OperatorState[] = []
  const blocks: (EntryBlock & { operator: string })[] = []
  const header = await readSnapshot(pieces(bytes, size), expected, {
    state: (operator, state) => void states.push({ operator, state }),
    block: (operator, block) => void blocks.push({ operator, ...block }),
  })
  return { header, states, blocks }
}

/** As the ledger would name these bytes. */
const named = (bytes: Uint8Array) => ({
  bytes: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
})

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

/** What reading a changed snapshot rejects with, whether or not the ledger names it as it is; it must name the file in each case. */
async function refusal(
  change: (text: string) => string,
  expectation: (bytes: Uint8Array) => object = () => ({}),
): Promise<RxweftError> {
  const { bytes, expected } = await written()
  const changed = Buffer.from(change(text(bytes)), 'latin1')
  const error = await rejectionOf(read(changed, { ...expected, ...expectation(changed) }))
  expect(error).toBeInstanceOf(CorruptedError)
  expect(error.message).toContain(`file ${key} in folder /data`)
  return error
}

describe('a snapshot', () => {
  test('comes back as it was, in whatever pieces it is read', async () => {
    const { bytes, expected } = await written()
    for (const size of [1, 7, 64, 10_000]) {
      const { header, states, blocks: found } = await read(bytes, expected, size)
      expect(states).toEqual(content.states.map(({ operator, state }) => ({ operator, state })))
      expect(found).toEqual(blocks.map((block) => ({ operator: 'window', ...block, bytes: Buffer.from(block.bytes) })))
      expect(header).toMatchObject({ base: content.base, operators: [{ operator: 'window', since: 9 }] })
    }
  })

  test('may have no states at all', async () => {
    const { bytes, expected } = await written({ states: [], base: [] })
    expect(await read(bytes, expected)).toMatchObject({ states: [], blocks: [], header: { base: [], operators: [] } })
  })

  test('of any states comes back', async () => {
    const states = fc.uniqueArray(fc.record({ operator: fc.string(), state: fc.jsonValue() }), {
      selector: (s) => s.operator,
    })
    await fc.assert(
      fc.asyncProperty(states, async (given) => {
        const { bytes, expected } = await written({ states: given as OperatorState[] })
        expect(JSON.stringify((await read(bytes, expected)).states)).toBe(JSON.stringify(given))
      }),
    )
  })

  test('says in its first line what it is', async () => {
    const line = JSON.parse(text((await written()).bytes).split('\n')[0] as string)
    expect(line).toMatchObject({ magic: 'rxweft-snapshot', version: 2, job: 'uppercase', shard: 0, checkpoint: 12 })
  })

  test('has entries, or has none', async () => {
    const withEntries = writeSnapshot(content)
    await collected(withEntries.chunks)
    const without = writeSnapshot({ ...content, states: [{ operator: 'count', state: 1 }] })
    await collected(without.chunks)
    expect([withEntries.operators(), without.operators()]).toEqual([['window'], []])
  })

  test('is written in pieces, so that others have their turn', async () => {
    const many = Array.from({ length: 100 }, () => ({ table: 'value:x', version: 1, bytes: Buffer.alloc(10_000) }))
    const { chunks } = writeSnapshot({ ...content, states: [{ operator: 'x', state: 0, entries: entriesOf(many) }] })
    let turns = 0
    const timer = setInterval(() => undefined, 1_000)
    setImmediate(function again() {
      turns += 1
      setImmediate(again).unref()
    }).unref()
    const sizes: number[] = []
    for await (const { length } of chunks) sizes.push(length)
    clearInterval(timer)
    expect(Math.max(...sizes)).toBeLessThan(100_000)
    expect(turns).toBeGreaterThan(5)
  })

  test('keeps an operator and a key called __proto__ as data', async () => {
    const state = JSON.parse('{"__proto__":{"admin":true}}') as Json
    const { bytes, expected } = await written({ states: [{ operator: '__proto__', state }] })
    const back = (await read(bytes, expected)).states[0]?.state as { admin?: boolean }
    expect(JSON.stringify(back)).toBe('{"__proto__":{"admin":true}}')
    expect(back.admin).toBeUndefined()
    expect(Object.getPrototypeOf(back)).toBeNull()
  })

  test.each([Number.NaN, new Map(), undefined, 1n])(
    'of a state that JSON cannot keep (%s) is not written',
    async (state) => {
      const states = [{ operator: 'sum', state: { of: [state] } as unknown as Json }]
      const error = await rejectionOf(written({ states }))
      expect(error).toMatchObject({ code: 'STATE_NOT_ENCODABLE', consequence: 'fatal', where: { operator: 'sum' } })
      expect(error.message).toContain('value.of[0]')
    },
  )

  test('of a value that its serde cannot encode is not written', async () => {
    const entries: StateEntries = {
      since: 1,
      *blocks() {
        yield* blocks
        throw new TypeError('no such shape')
      },
    }
    const error = await rejectionOf(written({ states: [{ operator: 'sum', state: 0, entries }] }))
    expect(error).toMatchObject({ code: 'STATE_NOT_ENCODABLE', consequence: 'fatal', where: { operator: 'sum' } })
    expect(error.message).toContain('no such shape')
  })
})

test('a snapshot whose entries cannot be had for another reason says that reason, so that a full disk restarts the job', async () => {
  const full = new RetriableError('STATE_IO', 'the disk is full')
  const entries: StateEntries = {
    since: 1,
    *blocks() {
      yield* blocks
      throw full
    },
  }
  expect(await rejectionOf(written({ states: [{ operator: 'sum', state: 0, entries }] }))).toBe(full)
})

describe('refused is', () => {
  test.each([
    ['not a snapshot at all', () => 'PK\u0003\u0004 something else\n', 'is not a snapshot'],
    ['a ledger entry', (s: string) => s.replace('rxweft-snapshot', 'rxweft-ledger'), 'is not a snapshot'],
    ['an empty file', () => '', 'is not a snapshot'],
    ['one cut off in its first line', (s: string) => s.slice(0, 60), 'cut off within its first line'],
    ['one cut off in its states', (s: string) => s.slice(0, s.indexOf('"ünï"')), 'is cut off'],
    ['one cut off in its entries', (s: string) => s.slice(0, s.indexOf('bbb')), 'is cut off within its entries'],
    ['one cut off in its last line', (s: string) => s.slice(0, -1), 'is cut off'],
    ['one with something appended', (s: string) => `${s}x`, 'data after its last line'],
    ['one with a negative shard', (s: string) => s.replace('"shard":0', '"shard":-1'), 'wrong fields: shard'],
    ['one with a rounded checkpoint', (s: string) => s.replace('"checkpoint":12', '"checkpoint":1.5'), 'checkpoint'],
    ['one with a version that is no number', (s: string) => s.replace('"version":2', '"version":"2"'), 'version'],
    ['one of an older format', (s: string) => s.replace('"version":2', '"version":1'), 'format version 1'],
    ['one with a first line that is no JSON', (s: string) => s.replace('"shard":0', '"shard":'), 'version'],
    ['one with two states', (s: string) => s.replace('"window","state"', '"count","state"'), 'two states'],
    ['one with a state that is none', (s: string) => s.replace('"state":[]', '"stat":[]'), 'wrong fields: state'],
    [
      'one with a line that is no JSON',
      (s: string) => s.replace('"state":[]', '"state":['),
      'wrong fields: everything',
    ],
  ])('%s, as damaged, also where the ledger names it', async (_what, change, message) => {
    for (const expectation of [() => ({}), named]) {
      const error = await refusal(change, expectation)
      expect(error.code).toBe('SNAPSHOT_DAMAGED')
      expect(error.message).toContain(message)
    }
  })

  test('one of a newer format, with the advice to upgrade, whatever else its first line says', async () => {
    const error = await refusal((s) => s.replace('"version":2,"job"', '"version":3,"task"'))
    expect(error.code).toBe('SNAPSHOT_NEWER')
    expect(error.message).toContain('Upgrade rxweft')
  })

  test.each([
    [{ job: 'lowercase' }, 'job uppercase instead of lowercase'],
    [{ shard: 1 }, 'shard 0 instead of 1'],
    [{ lineage: 'other' }, 'lineage b7c1 instead of other'],
    [{ checkpoint: 13 }, 'checkpoint 12 instead of 13'],
  ])('one of another %j, as foreign', async (expectation, message) => {
    const error = await refusal(
      (s) => s,
      () => expectation,
    )
    expect(error.code).toBe('SNAPSHOT_FOREIGN')
    expect(error.message).toContain(message)
  })

  test('one of another attempt under this name, as foreign', async () => {
    expect((await refusal((s) => s.replace('"attempt":"a-1"', '"attempt":"a-2"'))).code).toBe('SNAPSHOT_FOREIGN')
  })

  test('an intact one that is not the one that the ledger names', async () => {
    const other = await written({ states: [{ operator: 'count', state: 0 }] })
    const { bytes, expected } = await written()
    for (const ref of [{ bytes: other.bytes.length }, { sha256: other.expected.sha256 }]) {
      const error = await rejectionOf(read(bytes, { ...expected, ...ref }))
      expect(error).toMatchObject({ code: 'SNAPSHOT_DAMAGED' })
    }
  })

  test('one with any byte changed', async () => {
    const { bytes, expected } = await written()
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = Uint8Array.from(bytes)
        changed[at] = (changed[at] as number) ^ flip
        expect(await rejectionOf(read(changed, expected))).toBeInstanceOf(CorruptedError)
      }),
      { numRuns: 2_000 },
    )
  })

  test('one cut off anywhere', async () => {
    const { bytes, expected } = await written()
    for (let length = 0; length < bytes.length; length++) {
      expect(await rejectionOf(read(bytes.subarray(0, length), expected))).toBeInstanceOf(CorruptedError)
    }
  })
})

describe('what goes wrong with the contents', () => {
  const failing = (expected: ExpectedSnapshot, bytes: Uint8Array) =>
    rejectionOf(
      readSnapshot(pieces(bytes), expected, {
        block() {
          throw new FatalError('STRANGE', 'no such value')
        },
      }),
    )

  test('is told as it is where the snapshot is whole', async () => {
    const { bytes, expected } = await written()
    expect(await failing(expected, bytes)).toMatchObject({ code: 'STRANGE' })
  })

  test('is told as it is where the storage fails on the way: that is no damage', async () => {
    const { bytes, expected } = await written()
    function* cut(): Generator<Uint8Array> {
      yield bytes.subarray(0, bytes.length - 10)
      throw new RetriableError('STORAGE_IO', 'the connection was cut')
    }
    expect(await rejectionOf(readSnapshot(cut(), expected, {}))).toMatchObject({ code: 'STORAGE_IO' })
  })

  test('is told as damage where it is not', async () => {
    const { bytes, expected } = await written()
    const changed = Buffer.from(text(bytes).replace('bbb', 'bxb'), 'latin1')
    expect(await failing(expected, changed)).toMatchObject({ code: 'SNAPSHOT_DAMAGED' })
  })
})

test('a snapshot that is not there is Corrupted, and named', () => {
  const error = snapshotMissing('folder /data', key)
  expect(error).toMatchObject({ code: 'SNAPSHOT_MISSING', consequence: 'corrupted' })
  expect(error.message).toContain(`${key} in folder /data`)
})
