import { describe, expect, test } from 'vitest'
import { type Findings, judge } from '../../src/checkpoint/lineage.ts'
import { type LineageMark, putMark, readMarks } from '../../src/checkpoint/lineageMarks.ts'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import { markKey, parseMarkKey } from '../../src/checkpoint/names.ts'

/** "1X0": the first lineage is X and has begun in shard 0; "1X": it is only intended. */
function marks(text: string): readonly LineageMark[] {
  const words = text.split(' ').filter((word) => word !== '')
  return words.map(([sequence, lineage = '', ...begun]) => {
    return { sequence: Number(sequence), lineage, begun: new Set(begun.map(Number)) }
  })
}

function told(found: Partial<Findings> & { readonly storage: string }): string {
  const { ledger = null, abandoned = new Set<string>() } = found
  const verdict = judge({ ledger, abandoned, marks: marks(found.storage) })
  if (verdict.type === 'conflict') return `conflict ${verdict.lineages.join(' ')}`
  if (verdict.type === 'begin') return `begin ${verdict.sequence} new`
  return `resume ${verdict.sequence} ${ledger}${verdict.begun.size > 0 ? '' : ', to be marked'}`
}

describe('a ledger that has', () => {
  test.each([
    ['nothing, beside a storage that has nothing,', null, '', 'begin 1 new'],
    ['nothing, beside a first start that was killed before genesis,', null, '1X', 'begin 1 new'],
    ['nothing, beside several of them,', null, '1X 1Y', 'begin 1 new'],
    ['nothing, beside a lineage that has begun,', null, '1X0', 'conflict X'],
    ['nothing, beside a second lineage that has begun,', null, '1X0 2Y0', 'conflict Y'],
    ['nothing, beside a second lineage that was only intended,', null, '1X0 2Y', 'conflict X'],
    ['a lineage that the storage knows', 'X', '1X0', 'resume 1 X'],
    ['a lineage whose beginning was killed after genesis', 'X', '1X', 'resume 1 X, to be marked'],
    ['a lineage whose second beginning was killed after genesis', 'Y', '1X0 2Y', 'resume 2 Y, to be marked'],
    ['a lineage, beside a storage that has nothing,', 'X', '', 'conflict X'],
    ['a lineage, beside a storage that has another one,', 'X', '1Y0', 'conflict X Y'],
    ['a lineage that the storage has gone on from', 'X', '1X0 2Y0', 'conflict X Y'],
    ['one of two that began at once on one storage', 'X', '1X0 1Y0', 'conflict X Y'],
  ] as const)('%s gives: %4$s', (_, ledger, storage, verdict) => {
    expect(told({ ledger, storage })).toBe(verdict)
  })

  test.each([
    ['the lost one is named', null, '1X0', ['X'], 'begin 2 new'],
    ['another one is named', null, '1X0', ['Z'], 'conflict X'],
    ['the new one has begun: it acts once', 'Y', '1X0 2Y0', ['X'], 'resume 2 Y'],
    ['both sides must be named, one is', 'X', '1Y0', ['X'], 'conflict X Y'],
    ['both sides are named', 'X', '1Y0', ['X', 'Y'], 'begin 2 new'],
    ['one that is in order is named', 'X', '1X0', ['X'], 'begin 2 new'],
    ['the storage was emptied, and the lineage of the ledger is named', 'X', '', ['X'], 'begin 1 new'],
    ['the new one was killed before genesis', 'X', '1X0 2Y', ['X'], 'begin 2 new'],
    ['one is named that was abandoned before', 'X', '1X0 2Y0', ['Y'], 'conflict X Y'],
  ] as const)('begins anew only for what is abandoned: %s', (_, ledger, storage, abandoned, verdict) => {
    expect(told({ ledger, storage, abandoned: new Set(abandoned) })).toBe(verdict)
  })
})

describe('lineage marks', () => {
  test('come back from any storage that can put and list', async () => {
    const { put, get, list, remove, place } = memoryStorage()
    const storage = { put, get, list, remove, place }
    const one = { sequence: 1, lineage: '8c1f-4' }
    for (const kind of ['intended', 0, 11, 0] as const) await putMark(storage, 'job', { ...one, kind }, 'the ledger')
    await putMark(storage, 'job', { sequence: 2, lineage: 'b', kind: 'intended' }, 'the ledger')
    await storage.put('job/0/chk-000000000001-a', new Uint8Array())
    await storage.put('job/lineage/something-else', new Uint8Array())
    expect(await readMarks(storage, 'job')).toEqual([
      { ...one, begun: new Set([0, 11]) },
      { sequence: 2, lineage: 'b', begun: new Set() },
    ])
    expect(await readMarks(storage, 'jo')).toEqual([])
  })

  test('have keys that are read back', () => {
    const name = { sequence: 12, lineage: '8c1f-4', kind: 3 }
    expect(markKey('uppercase', name)).toBe('uppercase/lineage/000012-8c1f-4/shard-3')
    expect(parseMarkKey(markKey('uppercase', name))).toEqual(name)
    expect(parseMarkKey('uppercase/lineage/000012-8c1f/shard-')).toBeNull()
  })
})
