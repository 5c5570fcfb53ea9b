/** A temporary file for what exceeds memory; it is made with the first write. */
import { Buffer } from 'node:buffer'
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import type { Overflow } from './sortedEntries.ts'

export interface OverflowFile extends Overflow {
  /** Closes and removes the file. */
  remove(): void
}

export function overflowFile(path: string): OverflowFile {
  let file: number | null = null
  let size = 0

  return {
    write(bytes) {
      file ??= openSync(path, 'wx+', 0o600)
      const start = size
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, start + at)
      size = start + bytes.length
      return start
    },
    read(start, length) {
      const bytes = Buffer.allocUnsafeSlow(length)
      for (let at = 0; at < length; ) {
        const read = readSync(file ?? -1, bytes, at, length - at, start + at)
        if (read === 0) throw new Error('the file is cut off')
        at += read
      }
      return bytes
    },
    remove() {
      if (file === null) return
      closeSync(file)
      file = null
      rmSync(path, { force: true })
    },
  }
}
