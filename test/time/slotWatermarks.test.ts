import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSlots, slotsText } from '../../src/contracts/slotsText.ts'
import type { Idle, Watermark } from '../../src/element.ts'
import { decodeSlots } from '../../src/time/slotState.ts'
import { slotWatermarks } from '../../src/time/slotWatermarks.ts'

const split = (partition: number) => ({ topic: 't', partition })
const none = { emitted: -Infinity, splits: [] }

function tracked(partitions: number, restored = decodeSlots(undefined, 'source')) {
  const told: (number | 'idle')[] = []
  const emit = (control: Watermark | Idle) => told.push(control.kind === 'idle' ? 'idle' : control.timestamp)
  const splits = Array.from({ length: partitions }, (_, partition) => split(partition))
  const slots = slotWatermarks(restored, splits, emit)
  /** Slots of four; 'i5': idle at 5, 'e': ended. */
  const mark = (partition: number, its: readonly number[], said: number | string) => {
    const watermark = said === 'e' ? Infinity : Number(String(said).replace('i', ''))
    slots.mark(split(partition), { slots: its, of: 4, watermark, idle: String(said).startsWith('i') })
    return told.at(-1)
  }
  return { slots, told, mark }
}

describe('the watermark of a repartition topic', () => {
  it('is the lowest of all slots, and a slot never heard of holds it back', () => {
    const { told, mark } = tracked(1)
    mark(0, [0, 2], 5)
    mark(0, [1], 7)
    expect(told).toEqual([])
    mark(0, [3], 3)
    expect(told).toEqual([3])
    mark(0, [3], 9)
    expect(told).toEqual([3, 5])
  })

  it('is the lowest of all splits: one that was not read so far may have older records', () => {
    const { told, mark } = tracked(2)
    mark(0, [0, 1, 2, 3], 9)
    expect(told).toEqual([])
    mark(1, [0, 1, 2, 3], 4)
    expect(told).toEqual([4])
  })

  it('goes on without idle slots, and falls for nobody who comes back', () => {
    const { told, mark } = tracked(1)
    mark(0, [0, 1], 'i2')
    mark(0, [2, 3], 8)
    expect(told).toEqual([8])
    mark(0, [0, 1], 3)
    mark(0, [2, 3], 12)
    expect(told).toEqual([8])
    mark(0, [0, 1], 10)
    expect(told).toEqual([8, 10])
  })

  it('takes a slot for idle once all splits say so: in the others its records may come first', () => {
    const { told, mark } = tracked(2)
    for (const partition of [0, 1]) mark(partition, [0, 1, 2, 3], 'i2')
    expect(told).toEqual([2, 'idle'])
    // It has spoken again; the records of split 1 were not read so far.
    mark(0, [0, 1, 2, 3], 20)
    expect(told).toEqual([2, 'idle'])
    mark(1, [0, 1, 2, 3], 20)
    expect(told).toEqual([2, 'idle', 20])
  })

  it('is that of the furthest slot if all are idle', () => {
    const { told, mark } = tracked(1)
    mark(0, [0], 'i4')
    mark(0, [1, 2], 'i9')
    mark(0, [3], 'i6')
    expect(told).toEqual([9, 'idle'])
  })

  it('has come to the end once all slots have, in all splits', () => {
    const { slots, mark } = tracked(2)
    mark(0, [0, 1, 2, 3], 'e')
    mark(1, [0, 1, 2], 'e')
    expect(slots.ended).toBe(false)
    mark(1, [3], 'e')
    expect(slots.ended).toBe(true)
  })

  it('has nothing to wait for where a shard has no split', () => {
    expect(tracked(0).slots.ended).toBe(true)
  })

  it('begins the next run with inputs that have not ended', () => {
    const { slots, mark } = tracked(1)
    mark(0, [0, 1, 2, 3], 6)
    mark(0, [0, 1, 2, 3], 'e')
    const again = tracked(1, decodeSlots(JSON.parse(JSON.stringify(slots.state(false))), 'source'))
    expect(again.slots.ended).toBe(true)
    const next = tracked(1, decodeSlots(JSON.parse(JSON.stringify(slots.state(true))), 'source'))
    expect(next.slots.ended).toBe(false)
    expect(next.told).toEqual([6])
    next.mark(0, [0, 1, 2, 3], 7)
    expect(next.told).toEqual([6, 7])
  })

  it('is the same with restarts in between, whatever the markers', () => {
    const marks = fc.array(
      fc.record({
        partition: fc.nat(2),
        slots: fc.subarray([0, 1, 2, 3], { minLength: 1 }),
        said: fc.oneof(
          fc.nat(20),
          fc.constant('e'),
          fc.nat(20).map((at) => `i${at}`),
        ),
        restart: fc.boolean(),
      }),
      { maxLength: 40 },
    )
    fc.assert(
      fc.property(marks, (all) => {
        const straight = tracked(3)
        let restarted = tracked(3)
        for (const { partition, slots, said, restart } of all) {
          straight.mark(partition, slots, said)
          restarted.mark(partition, slots, said)
          if (restart)
            restarted = tracked(3, decodeSlots(JSON.parse(JSON.stringify(restarted.slots.state(false))), 's'))
          expect(restarted.slots.state(false)).toEqual(straight.slots.state(false))
          expect(restarted.slots.ended).toBe(straight.slots.ended)
        }
      }),
    )
  })

  it.each([
    ['no numbers', { emitted: 'x', splits: [] }],
    ['slots that are a text', { slots: 'all' }],
    ['a split without a topic', { slots: [{ partition: 0, of: 4, marks: [] }] }],
    ['marks of slots that do not exist', { slots: [{ topic: 't', partition: 0, of: 4, marks: [{ slots: '4' }] }] }],
  ])('refuses a snapshot with %s', (_, state) => {
    expect(() => decodeSlots(state as never, 'source')).toThrow(/WATERMARKS_DAMAGED/)
    expect(decodeSlots(undefined, 'source')).toEqual(none)
  })
})

describe('a set of slots as text', () => {
  it.each([
    [[], ''],
    [[3], '3'],
    [[3, 4], '3,4'],
    [[1, 2, 3, 9], '1-3,9'],
    [[0, 2, 4, 6], '0-6/2'],
    [[0, 1, 4, 8, 12], '0,1,4-12/4'],
  ])('%j is "%s"', (slots, text) => {
    expect(slotsText(slots)).toBe(text)
  })

  it('can be read again, whatever the slots, and is short where one of n shards has each n-th', () => {
    fc.assert(
      fc.property(fc.subarray(Array.from({ length: 300 }, (_, at) => at)), (slots) => {
        expect(parseSlots(slotsText(slots), 300)).toEqual(slots)
      }),
    )
    expect(slotsText(Array.from({ length: 86 }, (_, at) => 3 * at + 1))).toBe('1-256/3')
  })

  it.each(['x', '1-', '-1', '1-3/0', '5-3', '4', '0,,1', '0-9', '1e1'])(
    '"%s" is refused where there are four',
    (text) => {
      expect(parseSlots(text, 4)).toBeNull()
    },
  )
})
