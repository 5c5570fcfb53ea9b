/**
 * Assembles answers, each preceded by its size, from the pieces that a socket delivers. Replaces
 * kafkajs's version, which keeps the pieces until an answer is complete: these are copied at once,
 * so that the socket can reuse its read buffer (sockets.ts).
 */
import { Buffer } from 'node:buffer'

/** Size and correlation id. */
const headBytes = 8
const sizeBytes = 4

/**
 * Returns the receiver of the pieces; it keeps none of them. It throws RangeError on an impossible
 * size, after which nothing may follow.
 *
 * @param arrived receives each answer with its size, in memory of its own
 */
export function answers(arrived: (answer: Buffer) => void): (piece: Buffer) => void {
  const head = Buffer.alloc(headBytes)
  let answer: Buffer | null = null
  /** Bytes received of the head, or of the answer. */
  let filled = 0

  return (piece) => {
    for (let at = 0; at < piece.length; ) {
      const into: Buffer = answer ?? head
      const copied = piece.copy(into, filled, at)
      filled += copied
      at += copied
      if (filled < into.length) return
      answer = answer === null ? begun(head) : grown(answer)
      if (filled < answer.length) continue
      arrived(answer)
      answer = null
      filled = 0
    }
  }
}

/**
 * Allocation limit for a size that only the broker states, bytes: more is allocated as it arrives.
 */
const believed = 4 * 1024 * 1024

function begun(head: Buffer): Buffer {
  const size = head.readInt32BE()
  if (size < headBytes - sizeBytes) throw new RangeError(`the broker sent an answer of ${size} bytes`)
  return copied(head, Math.min(sizeBytes + size, believed))
}

/**
 * Returns a complete answer unchanged, otherwise a copy with twice the space: at most twice what
 * has arrived.
 */
function grown(answer: Buffer): Buffer {
  const whole = sizeBytes + answer.readInt32BE()
  return answer.length === whole ? answer : copied(answer, Math.min(whole, 2 * answer.length))
}

/** Avoids Node's pool of small buffers: one small answer would keep the whole pool alive. */
function copied(from: Buffer, bytes: number): Buffer {
  const to = Buffer.allocUnsafeSlow(bytes)
  from.copy(to)
  return to
}
