/**
 * Entries of one table in LMDB. Their LMDB keys start with a hash of the table's key, followed by
 * that key and the sub-key: entries of one key are adjacent, and entries written in hash order, as
 * values are (keyTable.ts), touch few pages of the file at a time.
 */
import { Buffer } from 'node:buffer'
import type { RootDatabase } from 'lmdb'
import { FatalError } from '../errors.ts'
import type { OperatorId } from '../record.ts'
import { type EncodedValue, nullValue, removedValue, runStart } from './entries.ts'
import { hashOf } from './keyHash.ts'
import { encodeKey, keyRoom } from './keys.ts'
import type { Room } from './sortedEntries.ts'
import type { Backing } from './table.ts'

export interface LmdbEntries extends Backing {
  /**
   * Writes an entry at once, within a transaction. Its key lies behind those of all entries so far:
   * LMDB need not look for its place, and fills each page.
   */
  append(key: Buffer, value: Buffer): void
  /** Number of saved entries not yet written. */
  readonly saved: number
  /** Writes the saved entries, within a transaction. */
  flush(): void
}

/** LMDB's limit minus our prefix, bytes. */
const longestKey = 1_900
/** Entries per read of a scan: a read transaction that stayed open would let the file grow. */
const page = 256
/** Bytes before the key. */
const before = 6
/** First byte of each value; null has no more bytes. */
const isNull = 0
const isValue = 1
const behindAll = { append: true }

/** @param restoring makes room for an entry that is to be written in the order of keys */
export function lmdbEntries(
  root: RootDatabase<unknown, never>,
  operator: OperatorId,
  table: string,
  restoring: (hash: number, key: number, value: number) => Room,
): LmdbEntries {
  const db = root.openDB<Buffer, Buffer>(JSON.stringify([operator, table]), {
    encoding: 'binary',
    keyEncoding: 'binary',
  })
  let saved: (readonly [key: Buffer, value: Buffer | undefined])[] = []
  let writes = 0

  function* scan(): Generator<readonly [Buffer, Buffer, Buffer | null]> {
    let after: Buffer | undefined
    for (;;) {
      const from = after === undefined ? {} : { start: after, exclusiveStart: true }
      const entries = [...db.getRange({ ...from, limit: page })]
      if (entries.length === 0) return
      const read = writes
      for (const { key, value } of entries) {
        after = key
        const [own, sub] = split(key)
        yield [own, sub, decoded(value)]
        // A sweep lasts many checkpoints: entries read ahead may be out of date.
        if (read !== writes) break
      }
    }
  }

  return {
    get size() {
      return (db.getStats() as { readonly entryCount: number }).entryCount
    },
    admit(key, sub) {
      // Most keys are so short that the upper bound suffices, without encoding them.
      if (keyRoom(key) + keyRoom(sub) > longestKey) admitted(encodeKey(key), encodeKey(sub), operator)
    },
    get(key) {
      const found = db.get(joined(admitted(key, empty, operator), empty, operator))
      return found === undefined ? undefined : decoded(found)
    },
    load(key, each) {
      admitted(key, empty, operator)
      const prefix = joined(key, empty, operator)
      for (const { key: found, value } of db.getRange({ start: prefix })) {
        if (!startsWith(found, prefix)) return
        each(split(found)[1], decoded(value))
      }
    },
    save: (key, sub, value) => void saved.push([joined(key, sub, operator), encoded(value)]),
    restore(bytes, run, keyEnd, sub, subEnd, value, valueEnd) {
      const key = runStart(bytes, run)
      const length = keyEnd - key + subEnd - sub
      if (length > longestKey) throw tooLong(operator, length, false)
      const hash = hashOf(bytes, key, keyEnd)
      const form = valueEnd === removedValue ? -1 : valueEnd === nullValue ? 1 : 1 + valueEnd - value
      const { bytes: into, at } = restoring(hash, before + length, form)
      into.writeInt32BE(hash, at)
      into.writeUInt16BE(keyEnd - key, at + 4)
      let end = copied(bytes, key, keyEnd, into, at + before)
      end = copied(bytes, sub, subEnd, into, end)
      if (form < 0) return
      into[end] = valueEnd === nullValue ? isNull : isValue
      if (form > 1) copied(bytes, value, valueEnd, into, end + 1)
    },
    append(key, value) {
      // Declared as void, but false if the key is not the last one.
      const written: unknown = db.putSync(key, value, behindAll)
      if (written !== true) throw new Error('the entry is not behind all others')
    },
    scan,
    get saved() {
      return saved.length
    },
    flush() {
      if (saved.length === 0) return
      for (const [key, value] of saved) {
        if (value === undefined) db.removeSync(key)
        else db.putSync(key, value)
      }
      writes += 1
      saved = []
    },
  }
}

const empty = Buffer.alloc(0)

/** Returns the key; throws if it is too long, which is the fault of its record. */
function admitted(key: Uint8Array, sub: Uint8Array, operator: OperatorId): Uint8Array {
  if (key.length + sub.length > longestKey) throw tooLong(operator, key.length + sub.length, true)
  return key
}

/** Returns the position behind the copy. A loop is faster than a call for the usual lengths. */
function copied(from: Buffer, start: number, end: number, to: Buffer, at: number): number {
  if (end - start > 200) from.copy(to, at, start, end)
  else for (let i = start; i < end; i++) to[at + i - start] = from[i] as number
  return at + end - start
}

/** Four bytes of hash, two of length, the key, and the sub-key. */
function joined(key: Uint8Array, sub: Uint8Array, operator: OperatorId): Buffer {
  if (key.length + sub.length > longestKey) throw tooLong(operator, key.length + sub.length, false)
  const bytes = Buffer.allocUnsafe(before + key.length + sub.length)
  bytes.writeInt32BE(hashOf(key, 0, key.length), 0)
  bytes.writeUInt16BE(key.length, 4)
  bytes.set(key, before)
  bytes.set(sub, before + key.length)
  return bytes
}

function split(joint: Buffer): readonly [key: Buffer, sub: Buffer] {
  const end = before + joint.readUInt16BE(4)
  return [joint.subarray(before, end), joint.subarray(end)]
}

function startsWith(bytes: Buffer, prefix: Buffer): boolean {
  return bytes.length >= prefix.length && bytes.compare(prefix, 0, prefix.length, 0, prefix.length) === 0
}

function encoded(value: EncodedValue): Buffer | undefined {
  if (value === undefined) return undefined
  if (value === null) return Buffer.of(isNull)
  const bytes = Buffer.allocUnsafe(1 + value.length)
  bytes[0] = isValue
  bytes.set(value, 1)
  return bytes
}

function decoded(bytes: Buffer): Buffer | null {
  return bytes[0] === isNull ? null : bytes.subarray(1)
}

function tooLong(operator: OperatorId, bytes: number, badRecord: boolean): FatalError {
  return new FatalError('KEY_TOO_LONG', `a key of the state has ${bytes} bytes, but LMDB allows ${longestKey}`, {
    where: { operator },
    badRecord,
    hint: 'Use a shorter key, such as a hash of it, or memoryState()',
  })
}
