/** Splits a stream of bytes into Kafka's frames: a size of 4 bytes, then the content. */
import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'

/** Calls `each` with every whole frame, its size included. */
export function onFrames(socket: Socket, each: (frame: Buffer) => void): void {
  let parts: Buffer[] = []
  let have = 0
  socket.on('data', (chunk) => {
    parts.push(chunk)
    have += chunk.length
    if (have < wantedBy(parts)) return
    let bytes = Buffer.concat(parts)
    for (let size = sizeOf(bytes); bytes.length >= size && !socket.destroyed; size = sizeOf(bytes)) {
      each(bytes.subarray(0, size))
      bytes = bytes.subarray(size)
    }
    parts = [bytes]
    have = bytes.length
  })
}

/** Kafka's number of the request: 26 is EndTxn. */
export function apiOf(request: Buffer): number {
  return request.readInt16BE(4)
}

function wantedBy([first]: readonly Buffer[]): number {
  return first === undefined || first.length < 4 ? 4 : sizeOf(first)
}

function sizeOf(bytes: Buffer): number {
  return bytes.length < 4 ? Infinity : 4 + bytes.readInt32BE(0)
}
