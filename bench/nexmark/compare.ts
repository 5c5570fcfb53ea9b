/** Equality of two outputs of a query. */
import { beyond } from '../../tools/support/beyond.ts'
import type { Row } from './query.ts'

/** One text for each row that counts: with keys, the last row of each; without, all of them. In order. */
export function canonical(rows: Iterable<Row>, keys: readonly string[] | undefined): readonly string[] {
  const last = new Map<string, string>()
  const all: string[] = []
  for (const row of rows) {
    const text = JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)))
    if (keys === undefined) all.push(text)
    else last.set(keys.map((key) => row[key]).join(' '), text)
  }
  return (keys === undefined ? all : [...last.values()]).sort()
}

export interface Difference {
  readonly rows: number
  /** Rows of one output that the other lacks, or has less often. */
  readonly missing: readonly string[]
  readonly extra: readonly string[]
}

/** @param expected canonical, as `found` */
export function difference(expected: readonly string[], found: readonly string[]): Difference {
  return { rows: expected.length, missing: beyond(expected, found), extra: beyond(found, expected) }
}
