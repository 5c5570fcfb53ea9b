import fc from 'fast-check'
import * as t from 'io-ts'
import { describe, expect, test } from 'vitest'
import { decodeFrame, encodeFrame } from '../../src/checkpoint/frame.ts'
import { decodeEntry, encodeEntry } from '../../src/checkpoint/ledgerCodec.ts'
import type { LedgerEntry } from '../../src/contracts/ledger.ts'
import { CorruptedError } from '../../src/errors.ts'
import { thrownBy } from '../../tools/support/thrown.ts'

const entry: LedgerEntry = {
  lineage: 'b7c1',
  checkpoint: 12,
  owner: 'execution-1',
  snapshot: { key: 'j/0/chk-000000000012-a', sha256: 'ab'.repeat(32), bytes: 512 },
  positions: [
    {
      source: 'kafka:source-topic',
      splits: [
        { topic: 'source-topic', partition: 0, offset: 9_007_199_254_740_991, topicId: 'T7' },
        { topic: 'source-topic', partition: 1, offset: 0 },
        { topic: 'source-topic', partition: 2, offset: 7, topicId: 'T7', leaderEpoch: 3 },
      ],
    },
  ],
  handles: { files: { staged: ['part-1'] } },
}

const place = 'topic rxweft-uppercase-ledger'
const plain = (value: unknown) => JSON.parse(JSON.stringify(value))

/** An entry in a frame that is right, with one field set to something else. */
function framed(change: object): Uint8Array {
  const kind = { magic: 'rxweft-ledger', version: 1 } as Parameters<typeof encodeFrame>[0]
  return encodeFrame(kind, {}, Buffer.from(JSON.stringify({ ...entry, ...change }))).bytes
}

describe('a ledger entry', () => {
  test('comes back as it was', () => {
    expect(plain(decodeEntry(encodeEntry(entry), place))).toEqual(entry)
  })

  test('of genesis, without a snapshot, comes back', () => {
    const genesis = { ...entry, checkpoint: 0, snapshot: null, handles: {} }
    expect(plain(decodeEntry(encodeEntry(genesis), place))).toEqual(genesis)
  })

  test('with the small snapshots that it holds comes back, and has no such field without any', () => {
    const holding = { ...entry, inline: { 'j/0/chk-000000000012-a': 'AAECAw==' } }
    expect(plain(decodeEntry(encodeEntry(holding), place))).toEqual(holding)
    expect(encodeEntry({ ...entry, inline: {} })).toEqual(encodeEntry(entry))
  })

  test('says how many shards there are only where an older version has written it', () => {
    expect(decodeEntry(framed({ shards: 4 }), place).shards).toBe(4)
    expect(decodeEntry(framed({}), place)).not.toHaveProperty('shards')
    expect(encodeEntry({ ...entry, shards: 4 })).toEqual(encodeEntry(entry))
  })

  test('names the plan, the slots and the release, and leaves out what it has not', () => {
    const signed = { ...entry, plan: 7, slots: '0-15,64', released: 7 }
    expect(plain(decodeEntry(encodeEntry(signed), place))).toEqual(signed)
    expect(decodeEntry(encodeEntry({ ...entry, plan: 3 }), place)).not.toHaveProperty('slots')
    expect(decodeEntry(encodeEntry({ ...entry, plan: undefined }), place)).not.toHaveProperty('plan')
  })

  test('has no handle for a sink called as what every object has', () => {
    const { handles } = decodeEntry(encodeEntry({ ...entry, handles: {} }), place)
    expect(handles.constructor).toBeUndefined()
    expect(handles.toString).toBeUndefined()
  })

  test('keeps a handle under __proto__ as data', () => {
    const handles = JSON.parse('{"__proto__":{"admin":true}}')
    const decoded = decodeEntry(encodeEntry({ ...entry, handles }), place)
    expect(Object.keys(decoded.handles)).toEqual(['__proto__'])
    expect((decoded.handles as { admin?: boolean }).admin).toBeUndefined()
  })

  test.each<[string, object]>([
    [
      'positions.0.splits.0.1.offset'.slice(0, 9),
      { positions: [{ source: 's', splits: [{ topic: 't', partition: 0, offset: -1 }] }] },
    ],
    ['checkpoint', { checkpoint: Number.NaN }],
    ['owner', { owner: '' }],
    ['plan', { plan: -1 }],
    ['slots', { slots: '0-' }],
    ['released', { released: 1.5 }],
    ['NaN', { handles: { files: Number.NaN } }],
  ])('that would be wrong in %s is not written', (field, change) => {
    const error = thrownBy(() => encodeEntry({ ...entry, ...change }))
    expect(error).toMatchObject({ code: 'LEDGER_ENTRY_INVALID', consequence: 'fatal' })
    expect(error.message).toContain(field)
  })
})

describe('refused is an entry', () => {
  const position = (split: object) => ({
    positions: [{ source: 's', splits: [{ topic: 't', partition: 0, offset: 1, ...split }] }],
  })

  test.each<[string, object]>([
    ['offset', position({ offset: '1' })],
    ['offset', position({ offset: 1.5 })],
    ['offset', position({ offset: -1 })],
    ['offset', position({ offset: 2 ** 53 })],
    ['partition', position({ partition: null })],
    ['topic', position({ topic: 5 })],
    ['topicId', position({ topicId: 5 })],
    ['leaderEpoch', position({ leaderEpoch: -1 })],
    ['checkpoint', { checkpoint: '12' }],
    ['lineage', { lineage: '' }],
    ['snapshot', { snapshot: undefined }],
    ['sha256', { snapshot: { key: 'k', sha256: 'zz', bytes: 1 } }],
    ['positions', { positions: {} }],
    ['handles', { handles: [] }],
    ['plan', { plan: '1' }],
    ['slots', { slots: '0,' }],
    ['slots', { slots: [0] }],
  ])('that is wrong in %s: %j', (field, change) => {
    const error = thrownBy(() => decodeEntry(framed(change), place))
    expect(error).toMatchObject({ code: 'LEDGER_DAMAGED', consequence: 'corrupted' })
    expect(error.message).toContain(field)
    expect(error.message).toContain(place)
  })

  test('whose wrong value may be a secret, which is not told', () => {
    const { message } = thrownBy(() => decodeEntry(framed({ owner: { password: 'hunter2' } }), place))
    expect(message).not.toContain('hunter2')
  })

  test('of version 2 by a version that knows 1 only', () => {
    const kind = { what: 'ledger entry', damaged: 'LEDGER_DAMAGED', newer: 'LEDGER_NEWER', fields: t.type({}) } as const
    const error = thrownBy(() =>
      decodeFrame({ magic: 'rxweft-ledger', version: 1, ...kind }, encodeEntry(entry), place),
    )
    expect(error).toMatchObject({ code: 'LEDGER_NEWER', consequence: 'corrupted' })
    expect(error.message).toContain('has format version 2, but this version of rxweft reads up to 1')
  })

  test('of a newer format, with the advice to upgrade', () => {
    const newer = Buffer.from(Buffer.from(encodeEntry(entry)).toString().replace('"version":2', '"version":3'))
    const error = thrownBy(() => decodeEntry(newer, place))
    expect(error).toMatchObject({ code: 'LEDGER_NEWER', consequence: 'corrupted' })
    expect(error.message).toContain('Upgrade rxweft')
  })

  test('with any byte changed, and one cut off anywhere', () => {
    const bytes = encodeEntry(entry)
    const version = Buffer.from(bytes).indexOf('"version":2') + '"version":'.length
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Uint8Array.from(bytes)
        changed[at] = (changed[at] as number) ^ flip
        // An older version that is still read: nothing else of the entry can have changed.
        if (at === version && changed[at] === 0x31) expect(decodeEntry(changed, place)).toEqual(entry)
        else expect(() => decodeEntry(changed, place)).toThrow(CorruptedError)
        expect(() => decodeEntry(bytes.subarray(0, at), place)).toThrow(CorruptedError)
      }),
      { numRuns: 1_000, examples: [[version, 0x32 ^ 0x31]] },
    )
  })
})
