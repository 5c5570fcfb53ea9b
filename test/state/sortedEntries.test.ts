import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { overflowFile } from '../../src/state/overflowFile.ts'
import { type SortedEntries, sortedEntries } from '../../src/state/sortedEntries.ts'

const folder = mkdtempSync(join(tmpdir(), 'rxweft-sorted-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Given {
  readonly table: number
  readonly hash: number
  readonly rest: string
  readonly value: string | null
}

function add(entries: SortedEntries, { table, hash, rest, value }: Given): void {
  const key = Buffer.concat([
    Buffer.from([hash >>> 24, (hash >>> 16) & 255, (hash >>> 8) & 255, hash & 255]),
    Buffer.from(rest),
  ])
  const bytes = value === null ? null : Buffer.from(value)
  const { bytes: into, at } = entries.add(table, hash, key.length, bytes === null ? -1 : bytes.length)
  into.set(key, at)
  if (bytes !== null) into.set(bytes, at + key.length)
}

const read = (entries: SortedEntries) =>
  [...entries.read()].map(({ table, key, value }) => `${table} ${key.toString('hex')} ${value.toString()}`)

/** The same by a Map and a sort. */
function expected(given: readonly Given[]): readonly string[] {
  const last = new Map<string, { readonly order: string; readonly line: string | null }>()
  for (const { table, hash, rest, value } of given) {
    const key = hash.toString(16).padStart(8, '0') + Buffer.from(rest).toString('hex')
    const order = `${key.slice(0, 8)} ${String(table).padStart(5, '0')} ${key}`
    last.set(order, { order, line: value === null ? null : `${table} ${key} ${value}` })
  }
  const sorted = [...last.values()].sort((one, other) => (one.order < other.order ? -1 : 1))
  return sorted.flatMap(({ line }) => (line === null ? [] : [line]))
}

const hash = fc.oneof(
  fc.nat(3),
  fc.constantFrom(0x8000_0000, 0xffff_ffff, 0x003f_ffff, 0x0040_0000),
  fc.nat(0xffff_ffff),
)
const given = fc.record({
  table: fc.nat(1),
  hash,
  rest: fc.constantFrom('', 'a', 'b', 'ab'),
  value: fc.oneof(fc.constant(null), fc.string(), fc.constantFrom('', 'x'.repeat(20_000), 'y'.repeat(40_000))),
})

describe('sorted entries', () => {
  it('have each key once, in order, with its last value, however much exceeds memory', () => {
    fc.assert(
      fc.property(fc.array(given, { maxLength: 60, size: 'max' }), (all) => {
        const file = overflowFile(join(folder, 'overflow'))
        const entries = sortedEntries(file)
        for (const one of all) add(entries, one)
        expect(read(entries)).toEqual(expected(all))
        file.remove()
      }),
    )
  })

  it('make a file only if they exceed memory, and leave none', () => {
    const path = mkdtempSync(join(folder, 'one-'))
    const file = overflowFile(join(path, 'overflow'))
    const entries = sortedEntries(file)
    const value = 'x'.repeat(1_000)
    for (let i = 0; i < 30; i++) add(entries, { table: 0, hash: 7, rest: String(i), value })
    expect(readdirSync(path)).toEqual([])
    for (let i = 30; i < 90; i++) add(entries, { table: 0, hash: 7, rest: String(i), value })
    expect(readdirSync(path)).toEqual(['overflow'])
    expect(read(entries)).toHaveLength(90)
    file.remove()
    expect(readdirSync(path)).toEqual([])
  })
})
