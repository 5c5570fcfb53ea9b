import { describe, expect, test } from 'vitest'
import { decodePlan, encodePlan } from '../../src/checkpoint/planCodec.ts'
import { CorruptedError } from '../../src/errors.ts'
import { thrownBy } from '../../tools/support/thrown.ts'
import { entryOf, planOf } from '../contracts/planStoreContract.ts'

const place = 'topic rxweft-uppercase-plan'
const plain = (value: unknown) => JSON.parse(JSON.stringify(value))

describe('a plan', () => {
  test('comes back as it was, a member without a zone and one with it', () => {
    const members = {
      a: { instance: 'pod-0', groupMember: null, zone: undefined },
      __proto__x: { instance: 'pod-1', groupMember: 'g', zone: 'z' },
    }
    const plan = { ...planOf(3, 'a'), owners: ['a', null], members }
    expect(plain(decodePlan(encodePlan(plan), place).plan)).toEqual(plain(plan))
  })

  test('comes back with the entries that were decided with it', () => {
    const entries = new Map([[1, entryOf(1, 4)]])
    expect(plain([...decodePlan(encodePlan(planOf(1, 'a'), entries), place).entries])).toEqual([[1, entryOf(1, 4)]])
  })

  test('comes back with a move of slots, in a format that versions without moves refuse', () => {
    const moving = { request: 2, slots: [1, 1], shards: 2, owners: ['a', 'b'] }
    const moved = { request: 1, error: { code: 'STATE_HAS_NO_SLOT', message: 'no' } }
    const plan = { ...planOf(3, 'a'), slots: [0, 1], owners: [null, null], moving, moved, since: [1, 1] }
    const bytes = encodePlan(plan)
    expect(plain(decodePlan(bytes, place).plan)).toEqual(plain(plan))
    expect(Buffer.from(bytes).toString()).toContain('"version":2')
    expect(Buffer.from(encodePlan({ ...plan, moving: undefined })).toString()).toContain('"version":1')
  })

  test('of 256 shards has at most 20 KB', () => {
    expect(encodePlan(planOf(1, crypto.randomUUID(), 256)).length).toBeLessThan(20_000)
  })

  test.each<[string, object]>([
    ['number', { number: 0 }],
    ['lineage', { lineage: '' }],
    ['slots', { slots: [] }],
    ['slots', { slots: [0, 2] }],
    ['owners', { owners: ['', null] }],
    ['members', { members: { a: { instance: 'i' } } }],
    ['moving', { moving: { request: 1, slots: [5], shards: 2, owners: [] } }],
    ['slots', { moving: { request: 1, slots: [0, 1, 0], shards: 2, owners: [] } }],
  ])('that would be wrong in %s is not written: %j', (_, change) => {
    expect(thrownBy(() => encodePlan({ ...planOf(1, 'a'), ...change }))).toMatchObject({
      code: 'LEDGER_ENTRY_INVALID',
      consequence: 'fatal',
    })
  })

  test('with any byte changed, and one of a newer format, is refused', () => {
    const bytes = encodePlan(planOf(1, 'a'))
    for (let at = 0; at < bytes.length; at += 7) {
      const changed = Uint8Array.from(bytes)
      changed[at] = (changed[at] as number) ^ 1
      expect(() => decodePlan(changed, place)).toThrow(CorruptedError)
    }
    const newer = Buffer.from(Buffer.from(bytes).toString().replace('"version":1', '"version":3'))
    expect(thrownBy(() => decodePlan(newer, place))).toMatchObject({ code: 'LEDGER_NEWER' })
  })
})
