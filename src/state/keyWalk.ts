/**
 * Walks over all rows of a key table in segment order, during insertions and removals. If the rows
 * of a segment have moved, the segment starts again: rows may be seen twice, and none is missed.
 */
import type { KeyTable, Segment } from './keyTable.ts'

export interface Walk<V> {
  segment: Segment<V>
  slot: number
  moves: number
  /** First hash of the segment. */
  from: number
}

export function walk<V>(table: KeyTable<V>): Walk<V> {
  const segment = table.segments[0] as Segment<V>
  return { segment, slot: -1, moves: segment.moves, from: 0 }
}

/**
 * Advances to the next occupied slot; false at the end.
 *
 * @param wanted selects the segments to visit
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
