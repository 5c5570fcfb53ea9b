/** A place for entries beside memory, in two Maps: a stand-in for a file of entries. */
import { type EncodedValue, readEntries } from '../../src/state/entries.ts'
import type { Disk } from '../../src/state/operatorStore.ts'
import type { Backing } from '../../src/state/table.ts'

interface Entry {
  readonly key: Buffer
  readonly sub: Buffer
  readonly value: Buffer | null
}

export function mapDisk(cached: number): Disk {
  const saved: (() => void)[] = []
  const flush = (): void => {
    for (const save of saved.splice(0)) save()
  }
  return { backing: () => mapBacking((save) => void saved.push(save)), cached, flush, restored: async () => undefined }
}

/** @param later does so at the next flush: until then what is read is the old */
function mapBacking(later: (save: () => void) => void): Backing {
  const rows = new Map<string, Map<string, Entry>>()
  let size = 0

  const remove = (row: Map<string, Entry>, sub: string): void => {
    if (row.delete(sub)) size -= 1
  }
  const put = (row: Map<string, Entry>, sub: string, entry: Entry): void => {
    if (!row.has(sub)) size += 1
    row.set(sub, entry)
  }

  function write(given: Uint8Array, givenSub: Uint8Array, value: EncodedValue, when: (save: () => void) => void): void {
    const [key, sub] = [copy(given), copy(givenSub)]
    const bytes = value == null ? value : copy(value)
    when(() => {
      const row = rows.get(text(key)) ?? new Map<string, Entry>()
      rows.set(text(key), row)
      if (bytes === undefined) remove(row, text(sub))
      else put(row, text(sub), { key, sub, value: bytes })
    })
  }

  return {
    get: (key) => rows.get(text(key))?.get('')?.value,
    load(key, each) {
      for (const { sub, value } of rows.get(text(key))?.values() ?? []) each(sub, value)
    },
    restore: (bytes, ...places) => {
      const [run, , , , value, valueEnd] = places
      readEntries(bytes.subarray(run, Math.max(value, valueEnd)), (key, sub, its) =>
        write(key, sub, its, (save) => save()),
      )
    },
    save: (key, sub, value) => write(key, sub, value, later),
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
