/**
 * Files of each format version, written once and never again: every later version must read them. A
 * new version adds files of its own.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { AttemptContext } from '../../src/attempt.ts'
import { decodeEntry } from '../../src/checkpoint/ledgerCodec.ts'
import { parseLedgerKey, parseMarkKey, parsePlanKey, parseSnapshotKey } from '../../src/checkpoint/names.ts'
import { decodePlan } from '../../src/checkpoint/planCodec.ts'
import { readSnapshot } from '../../src/checkpoint/snapshotReader.ts'
import type { EntryBlock } from '../../src/element.ts'
import type { Json } from '../../src/record.ts'
import { json } from '../../src/serde/json.ts'
import { memoryState } from '../../src/state/memoryState.ts'

const kept = (file: string): Buffer => readFileSync(join(import.meta.dirname, 'fixtures', file))
const entry = decodeEntry(kept('ledger-entry-1'), 'the fixture')

describe('what was written by format', () => {
  test('ledger entry 1 is read', () => {
    expect(entry).toEqual({
      lineage: '0c6e5a2e-7f0b-4c53-9d5b-8b6f0d2f5c11',
      checkpoint: 12,
      owner: '5d1c3f60-3b1e-4d8e-8a53-0b8f7c1f2a77',
      snapshot: expect.objectContaining({ key: 'orders/1/chk-000000000012-a-1' }),
      positions: [
        {
          source: 'kafkaSource:in',
          splits: [{ topic: 'in', partition: 1, offset: 77, topicId: 'AAAAAAAAAAAAAAAAAAAAAQ', leaderEpoch: 3 }],
        },
      ],
      shards: 2,
      handles: { out: { file: 'part-12' } },
    })
  })

  test('ledger entry 2 is read', () => {
    const { shards, ...one } = entry
    expect(decodeEntry(kept('ledger-entry-2'), 'the fixture')).toEqual({
      ...{ ...one, plan: 5, slots: '1-255/2', released: 5 },
    })
  })

  test('plan 1 is read, with the entries that were decided with it', () => {
    const { shards, ...one } = entry
    const { plan, entries } = decodePlan(kept('plan-1'), 'the fixture')
    expect(plan).toEqual({
      ...{ number: 5, lineage: one.lineage, slots: [0, 1, 1, 0], owners: [one.owner, null] },
      members: { [one.owner]: { instance: 'pod-0', groupMember: 'rxweft-7', zone: 'a' } },
    })
    expect([...entries]).toEqual([[1, { ...one, plan: 5, slots: '1-2' }]])
  })

  test('snapshot 2 is read, and its entries by the operator that has the state', async () => {
    const states = new Map<string, Json>()
    const blocks: [string, EntryBlock][] = []
    const { snapshot, lineage, checkpoint } = entry
    if (snapshot === null) throw new Error('the fixture names no snapshot')
    const expected = { ...snapshot, place: 'the fixture', job: 'orders', shard: 1, lineage, checkpoint }
    const header = await readSnapshot([kept('snapshot-2')], expected, {
      state: (operator, state) => void states.set(operator, state),
      block: (operator, block) => void blocks.push([operator, block]),
    })
    expect(header.operators).toEqual([{ operator: 'count', since: 12 }])
    expect([...states]).toEqual([['count', { watermark: 1_700_000_000_000 }]])
    const backend = await memoryState().open({ allowDroppedState: false } as AttemptContext)
    const counts = backend.open('count').values<string, number>('state', { serde: json<number>() })
    for (const [operator, block] of blocks) backend.load(operator, block)
    await backend.loaded(12, new Map([['count', 12]]))
    expect(['a', 'ü', 'gone'].map((key) => counts.get(key))).toEqual([3, 1, undefined])
  })

  test('keys are read', () => {
    expect(parseSnapshotKey('orders/1/chk-000000000012-a-1')).toMatchObject({ checkpoint: 12, attempt: 'a-1' })
    expect(parseLedgerKey('orders/1/ledger/00000000000000000034')).toBe(34)
    expect(parsePlanKey('orders/plan/00000000000000000007')).toBe(7)
    expect(parseMarkKey('orders/lineage/000001-0c6e5a2e/shard-1')).toEqual({
      ...{ sequence: 1, lineage: '0c6e5a2e', kind: 1 },
    })
  })
})
