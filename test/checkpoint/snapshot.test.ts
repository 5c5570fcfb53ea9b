import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { snapshotKey } from '../../src/checkpoint/names.ts'
import { decodeSnapshot, encodeSnapshot, snapshotMissing } from '../../src/checkpoint/snapshot.ts'
import type { Json, OperatorState } from '../../src/element.ts'
import { CorruptedError, type RxweftError } from '../../src/errors.ts'
import { thrownBy } from './thrown.ts'

const content = {
  job: 'uppercase',
  shard: 0,
  lineage: 'b7c1',
  checkpoint: 12,
  attempt: 'a-1',
  states: [
    { operator: 'count', state: { a: 1, ünï: ['x', null, true, 1.5] } },
    { operator: 'window', state: [] },
  ] as readonly OperatorState[],
}
const key = snapshotKey('uppercase', 0, 12, 'a-1')

function written(states = content.states) {
  const { bytes, sha256 } = encodeSnapshot({ ...content, states })
  const { job, shard, lineage, checkpoint } = content
  return {
    bytes,
    expected: { place: 'folder /data', key, job, shard, lineage, checkpoint, sha256, bytes: bytes.length },
  }
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8')

/** What decoding a changed snapshot throws; it must name the file in each case. */
function refusal(change: (text: string) => string | Uint8Array, expectation: object = {}): RxweftError {
  const { bytes, expected } = written()
  const changed = Buffer.from(change(text(bytes)) as string)
  const error = thrownBy(() => decodeSnapshot(changed, { ...expected, ...expectation }))
  expect(error).toBeInstanceOf(CorruptedError)
  expect(error.message).toContain(`file ${key} in folder /data`)
  return error
}

describe('a snapshot', () => {
  test('comes back as it was', () => {
    const { bytes, expected } = written()
    const states = decodeSnapshot(bytes, expected)
    expect([...states]).toEqual(content.states.map(({ operator, state }) => [operator, state]))
  })

  test('may have no states at all', () => {
    const { bytes, expected } = written([])
    expect(decodeSnapshot(bytes, expected).size).toBe(0)
  })

  test('of any states comes back', () => {
    const states = fc.uniqueArray(fc.record({ operator: fc.string(), state: fc.jsonValue() }), {
      selector: (s) => s.operator,
    })
    fc.assert(
      fc.property(states, (given) => {
        const { bytes, expected } = written(given as OperatorState[])
        const back = [...decodeSnapshot(bytes, expected)].map(([operator, state]) => ({ operator, state }))
        expect(JSON.stringify(back)).toBe(JSON.stringify(given))
      }),
    )
  })

  test('says in its first line what it is', () => {
    const line = JSON.parse(text(written().bytes).split('\n')[0] as string)
    expect(line).toMatchObject({ magic: 'rxweft-snapshot', version: 1, job: 'uppercase', shard: 0, checkpoint: 12 })
  })

  test('keeps an operator and a key called __proto__ as data', () => {
    const state = JSON.parse('{"__proto__":{"admin":true}}') as Json
    const { bytes, expected } = written([{ operator: '__proto__', state }])
    const back = decodeSnapshot(bytes, expected).get('__proto__') as { admin?: boolean }
    expect(JSON.stringify(back)).toBe('{"__proto__":{"admin":true}}')
    expect(back.admin).toBeUndefined()
    expect(Object.getPrototypeOf(back)).toBeNull()
  })

  test.each([Number.NaN, new Map(), undefined, 1n])('of a state that JSON cannot keep (%s) is not written', (state) => {
    const states = [{ operator: 'sum', state: { of: [state] } as unknown as Json }]
    const error = thrownBy(() => encodeSnapshot({ ...content, states }))
    expect(error).toMatchObject({ code: 'STATE_NOT_JSON', consequence: 'fatal', where: { operator: 'sum' } })
    expect(error.message).toContain('value.of[0]')
  })
})

describe('refused is', () => {
  test.each([
    ['not a snapshot at all', () => 'PK\u0003\u0004 something else\n', 'is not a snapshot'],
    ['a ledger entry', (s: string) => s.replace('rxweft-snapshot', 'rxweft-ledger'), 'is not a snapshot'],
    ['an empty file', () => '', 'is not a snapshot'],
    ['one cut off in its first line', (s: string) => s.slice(0, 60), 'cut off within its first line'],
    ['one cut off in its states', (s: string) => s.slice(0, -10), 'after its first line'],
    ['one with something appended', (s: string) => `${s}x`, 'after its first line'],
    ['one with a changed state', (s: string) => s.replace('"a":1', '"a":2'), 'sha-256'],
    ['one with a negative shard', (s: string) => s.replace('"shard":0', '"shard":-1'), 'wrong in: shard'],
    ['one with a rounded checkpoint', (s: string) => s.replace('"checkpoint":12', '"checkpoint":1.5'), 'checkpoint'],
    ['one with a version that is no number', (s: string) => s.replace('"version":1', '"version":"1"'), 'version'],
    ['one with a first line that is no JSON', (s: string) => s.replace('"shard":0', '"shard":'), 'everything'],
  ])('%s, as damaged', (_what, change, message) => {
    const error = refusal(change)
    expect(error.code).toBe('SNAPSHOT_DAMAGED')
    expect(error.message).toContain(message)
  })

  test('one of a newer format, with the advice to upgrade, whatever else its first line says', () => {
    const error = refusal((s) => s.replace('"version":1,"job"', '"version":2,"task"'))
    expect(error.code).toBe('SNAPSHOT_NEWER')
    expect(error.message).toContain('Upgrade rxweft')
  })

  test.each([
    [{ job: 'lowercase' }, 'job uppercase instead of lowercase'],
    [{ shard: 1 }, 'shard 0 instead of 1'],
    [{ lineage: 'other' }, 'lineage b7c1 instead of other'],
    [{ checkpoint: 13 }, 'checkpoint 12 instead of 13'],
  ])('one of another %j, as foreign', (expectation, message) => {
    const error = refusal((s) => s, expectation)
    expect(error.code).toBe('SNAPSHOT_FOREIGN')
    expect(error.message).toContain(message)
  })

  test('one of another attempt under this name, as foreign', () => {
    expect(refusal((s) => s.replace('"attempt":"a-1"', '"attempt":"a-2"')).code).toBe('SNAPSHOT_FOREIGN')
  })

  test('an intact one that is not the one that the ledger names', () => {
    const other = encodeSnapshot({ ...content, states: [{ operator: 'count', state: 0 }] })
    expect(refusal(() => other.bytes, { bytes: other.bytes.length }).code).toBe('SNAPSHOT_DAMAGED')
    expect(refusal(() => other.bytes, { sha256: other.sha256 }).code).toBe('SNAPSHOT_DAMAGED')
  })

  test('one with any byte changed', () => {
    const { bytes, expected } = written()
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Uint8Array.from(bytes)
        changed[at] = (changed[at] as number) ^ flip
        expect(() => decodeSnapshot(changed, expected)).toThrow(CorruptedError)
      }),
      { numRuns: 2_000 },
    )
  })

  test('one cut off anywhere', () => {
    const { bytes, expected } = written()
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeSnapshot(bytes.subarray(0, length), expected)).toThrow(CorruptedError)
    }
  })

  test.each([
    ['{"operator":"a","state":1}\n{"operator":"a","state":2}\n', 'two states'],
    ['{"operator":5,"state":1}\n', 'operator'],
    ['{"operator":"a"}\n', 'state'],
    ['no json\n', 'everything'],
    ['{"operator":"a","state":1}\n\n', 'everything'],
  ])('one whose states are odd although everything matches: %j', async (body, message) => {
    const { encodeFrame } = await import('../../src/checkpoint/frame.ts')
    const kind = { magic: 'rxweft-snapshot', version: 1 } as Parameters<typeof encodeFrame>[0]
    const { job, shard, lineage, checkpoint, attempt } = content
    const frame = encodeFrame(kind, { job, shard, lineage, checkpoint, attempt }, Buffer.from(body))
    const error = refusal(() => frame.bytes, { bytes: frame.bytes.length, sha256: frame.sha256 })
    expect(error.code).toBe('SNAPSHOT_DAMAGED')
    expect(error.message).toContain(message)
  })
})

test('a snapshot that is not there is Corrupted, and named', () => {
  const error = snapshotMissing('folder /data', key)
  expect(error).toMatchObject({ code: 'SNAPSHOT_MISSING', consequence: 'corrupted' })
  expect(error.message).toContain(`${key} in folder /data`)
})
