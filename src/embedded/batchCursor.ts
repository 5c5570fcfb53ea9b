/** Reads the records of a batch in order; logBatch.ts has their layout. */
import type { Buffer } from 'node:buffer'
import type { Header } from '../record.ts'

/** A record without its place. */
export interface BatchRecord {
  /** ms since the epoch */
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly Header[]
}

/** Decoder of the records of a batch, in order. */
export interface BatchCursor {
  /** The next record. Throws the given error if the bytes end within it. */
  next(): BatchRecord
}

export function batchCursor(bytes: Buffer, damaged: () => Error): BatchCursor {
  let at = 0

  const length = (): number => {
    at += 4
    return bytes.readInt32LE(at - 4)
  }
  const take = (length: number): Buffer | null => {
    if (length === -1) return null
    if (length < 0 || at + length > bytes.length) throw damaged()
    at += length
    return bytes.subarray(at - length, at)
  }
  const header = (): Header => {
    const [name, value] = [length(), length()]
    return { name: take(name)?.toString('utf8') ?? '', value: take(value) }
  }
  function record(): BatchRecord {
    const timestamp = bytes.readDoubleLE(at)
    at += 8
    const [keyLength, valueLength, headers] = [length(), length(), length()]
    const [key, value] = [take(keyLength), take(valueLength)]
    // A damaged count must not allocate millions of headers: each takes two lengths.
    if (headers < 0 || 8 * headers > bytes.length - at) throw damaged()
    return { timestamp, key, value, headers: headers === 0 ? none : Array.from({ length: headers }, header) }
  }

  return {
    next() {
      try {
        return record()
      } catch (thrown) {
        throw thrown instanceof RangeError ? damaged() : thrown
      }
    },
  }
}

/** Shared by all records without headers, the usual case. */
const none: readonly Header[] = []
