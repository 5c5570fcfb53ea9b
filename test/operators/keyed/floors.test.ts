/** Floors of event time, which slots bring along from a shard whose watermark was ahead. */
import { describe, expect, it } from 'vitest'
import { watermark } from '../../../src/element.ts'
import { decodeFloors, encodeFloors } from '../../../src/operators/keyed/floors.ts'
import { keyedProcess } from '../../../src/operators/keyedProcess.ts'
import { run, type TestSnapshot } from '../../../src/testing/index.ts'
import { byLetter, valuesOf } from '../keyedContract.ts'

const seen = keyedProcess({ onElement: (value: string, context) => [`${value} ${context.watermark}`] }, { id: 'seen' })

/** Records of the marbles are of partition 0. */
function snapshot(slots: string): TestSnapshot {
  const state = { watermark: 5, floors: [{ slots, watermark: 9 }], of: 8 }
  return { checkpoint: 1, states: new Map([['seen', state]]), entries: new Map() }
}

const play = (picture: string, slots = '0') =>
  run(byLetter(seen), picture, {
    restoreFrom: snapshot(slots),
    values: { U: watermark(7), V: watermark(9), W: watermark(12) },
  })

describe('a floor of event time', () => {
  it('is what the records of its slot see, until the watermark has reached it', () => {
    expect(valuesOf(play('Ra-U-b-V-c-W-d').elements)).toEqual(['a 9', 'b 9', 'c 9', 'd 12'])
  })

  it('is nothing to the records of other slots', () => {
    expect(valuesOf(play('Ra-U-b-V-c-W-d', '1').elements)).toEqual(['a 5', 'b 7', 'c 9', 'd 12'])
  })

  it('holds nothing back: watermarks pass as they come', () => {
    expect(play('R-U-V-').marbles).toBe('R-U-V-')
  })

  it('is in the snapshots until the watermark has reached it, and not any longer', () => {
    const result = play('R-U-2-V-3')
    expect(result.snapshot(2).states.get('seen')).toEqual({
      watermark: 7,
      floors: [{ slots: '0', watermark: 9 }],
      of: 8,
    })
    expect(result.snapshot(3).states.get('seen')).toEqual({ watermark: 9 })
  })

  it('is read as it was written', () => {
    const floors = new Map([
      [3, 7],
      [4, 7],
      [9, 12],
    ])
    expect(decodeFloors(encodeFloors(floors, 16), 'a')).toEqual({ floors, of: 16 })
    expect(decodeFloors({ watermark: 1, ...encodeFloors(new Map(), 16) }, 'a')).toBeNull()
  })

  it.each([
    [{ floors: 1, of: 8 }],
    [{ floors: [{ slots: '9', watermark: 1 }], of: 8 }],
    [{ floors: [{ slots: '1', watermark: 'x' }], of: 8 }],
    [{ floors: [] }],
  ])('that is damaged is said to be: %j', (state) => {
    expect(() => decodeFloors(state, 'a')).toThrow(expect.objectContaining({ code: 'WATERMARKS_DAMAGED' }))
  })
})
