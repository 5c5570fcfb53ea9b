/**
 * Walks over all rows of a key table, in the order of segments, while rows are inserted and
 * removed. A segment whose rows have moved is begun again, so rows may be seen twice, but none is
 * missed.
 */
import type { KeyTable, Segment } from './keyTable.ts'

export interface Walk<V> {
  segment: Segment<V>
  slot: number
  moves: number
  /** What the hashes of the segment are from. */
  from: number
}

export function walk<V>(table: KeyTable<V>): Walk<V> {
  const segment = table.segments[0] as Segment<V>
  return { segment, slot: -1, moves: segment.moves, from: 0 }
}

/**
 * Moves to the next slot that has a row; false if there is none.
 *
 * @param wanted selects segments
 */
export function next<V>(table: KeyTable<V>, at: Walk<V>, wanted: (segment: Segment<V>) => boolean): boolean {
  for (;;) {
    if (at.moves !== at.segment.moves) begin(table, at, at.from)
    const { places, stamps } = at.segment
    if (wanted(at.segment)) {
      for (let slot = at.slot + 1; slot < stamps.length; slot++) {
        if ((places[2 * slot + 1] as number) <= 0) continue
        at.slot = slot
        return true
      }
    }
    const after = at.from + 2 ** (32 - at.segment.depth)
    if (after >= 2 ** 32) return false
    begin(table, at, after)
  }
}

function begin<V>(table: KeyTable<V>, at: Walk<V>, from: number): void {
  const segment = table.segments[from / 2 ** (32 - table.depth)] as Segment<V>
  at.segment = segment
  at.slot = -1
  at.moves = segment.moves
  at.from = from
}
