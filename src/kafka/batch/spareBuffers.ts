/**
 * Buffers of batches that nobody needs any more, for the next ones. New ones for each batch would
 * be old by the time that it is acked, and V8 then collects the whole heap again and again for the
 * memory outside of it: that was a quarter of all CPU time.
 */
import { Buffer } from 'node:buffer'

export interface SpareBuffers {
  /** The last that was kept; else a small new one. */
  take(): Buffer
  /** The buffer must not be read any more, by sockets neither. */
  keep(buffer: Buffer): void
}

/** @param most bytes to keep at most */
export function spareBuffers(most: number): SpareBuffers {
  const spare: Buffer[] = []
  let bytes = 0
  return {
    take() {
      const buffer = spare.pop()
      if (buffer === undefined) return Buffer.allocUnsafe(1024)
      bytes -= buffer.length
      return buffer
    },
    keep(buffer) {
      if (bytes + buffer.length > most) return
      bytes += buffer.length
      spare.push(buffer)
    },
  }
}
