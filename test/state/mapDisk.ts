/** A place for entries beside memory, in two Maps: what a file of entries does, without the file. */
import type { EncodedValue } from '../../src/state/entries.ts'
import type { Disk } from '../../src/state/operatorStore.ts'
import type { Backing } from '../../src/state/table.ts'

interface Entry {
  readonly key: Buffer
  readonly sub: Buffer
  readonly value: Buffer | null
}

export function mapDisk(cached: number): Disk {
  return { backing: mapBacking, cached, flush: () => undefined }
}

function mapBacking(): Backing {
  const rows = new Map<string, Map<string, Entry>>()
  let size = 0

  const remove = (row: Map<string, Entry>, sub: string): void => {
    if (row.delete(sub)) size -= 1
  }
  const put = (row: Map<string, Entry>, sub: string, entry: Entry): void => {
    if (!row.has(sub)) size += 1
    row.set(sub, entry)
  }

  return {
    get: (key) => rows.get(text(key))?.get('')?.value,
    load(key, each) {
      for (const { sub, value } of rows.get(text(key))?.values() ?? []) each(sub, value)
    },
    save(key, sub, value: EncodedValue) {
      const row = rows.get(text(key)) ?? new Map<string, Entry>()
      rows.set(text(key), row)
      if (value === undefined) remove(row, text(sub))
      else put(row, text(sub), { key: copy(key), sub: copy(sub), value: value === null ? null : copy(value) })
    },
    *scan() {
      for (const key of [...rows.keys()].sort()) {
        for (const { key: bytes, sub, value } of rows.get(key)?.values() ?? []) yield [bytes, sub, value]
      }
    },
    get size() {
      return size
    },
  }
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
const copy = (bytes: Uint8Array): Buffer => Buffer.from(bytes)
