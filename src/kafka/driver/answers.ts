/**
 * Puts together what a socket brings in pieces: answers, each with its size in front. In kafkajs's place, which keeps the pieces until an answer
 * is complete: here they are copied at once, so that the socket can read into the same memory again and again (sockets.ts).
 */
import { Buffer } from 'node:buffer'

/** Size and correlation id. */
const headBytes = 8
const sizeBytes = 4

/**
 * Returns what takes the pieces, of which it keeps nothing. It throws RangeError on a size that no answer has; nothing comes after that.
 *
 * @param arrived gets each answer as it came, with its size, in memory of its own
 */
export function answers(arrived: (answer: Buffer) => void): (piece: Buffer) => void {
  const head = Buffer.alloc(headBytes)
  let answer: Buffer | null = null
  /** Bytes of the head, or of the answer, that are there. */
  let filled = 0

  return (piece) => {
    for (let at = 0; at < piece.length; ) {
      const into: Buffer = answer ?? head
      const copied = piece.copy(into, filled, at)
      filled += copied
      at += copied
      if (filled < into.length) return
      answer ??= begun(head)
      if (filled < answer.length) continue
      arrived(answer)
      answer = null
      filled = 0
    }
  }
}

function begun(head: Buffer): Buffer {
  const size = head.readInt32BE()
  if (size < headBytes - sizeBytes) throw new RangeError(`the broker sent an answer of ${size} bytes`)
  // Not out of the pool of small buffers: it would be kept whole by the least of its answers.
  const answer = Buffer.allocUnsafeSlow(sizeBytes + size)
  head.copy(answer)
  return answer
}
