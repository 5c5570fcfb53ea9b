/** Equality of two outputs of a query. */
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
  return { rows: expected.length, missing: without(expected, found), extra: without(found, expected) }
}

function without(all: readonly string[], others: readonly string[]): readonly string[] {
  const left = new Map<string, number>()
  for (const one of others) left.set(one, (left.get(one) ?? 0) + 1)
  return all.filter((one) => {
    const count = left.get(one) ?? 0
    left.set(one, count - 1)
    return count <= 0
  })
}
