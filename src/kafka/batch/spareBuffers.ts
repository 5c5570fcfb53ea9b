/**
 * Reuses buffers of acked batches. With a new buffer per batch, buffers grew old before the ack,
 * and V8 collected the whole heap again and again for the external memory: a quarter of all CPU
 * time.
 */
import { Buffer } from 'node:buffer'

export interface SpareBuffers {
  /** The buffer kept last, or a small new one. */
  take(): Buffer
  /** Nobody may read the buffer any more, not even a socket. */
  keep(buffer: Buffer): void
}

/** @param most limit for the bytes kept */
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
