/**
 * Puts together what a socket brings in pieces: answers, each with its size in front. In kafkajs's
 * place, which keeps the pieces until an answer is complete: here they are copied at once, so that
 * the socket can read into the same memory again and again (sockets.ts).
 */
import { Buffer } from 'node:buffer'

/** Size and correlation id. */
const headBytes = 8
const sizeBytes = 4

/**
 * Returns what takes the pieces, of which it keeps nothing. It throws RangeError on a size that no
 * answer has; nothing comes after that.
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
      answer = answer === null ? begun(head) : grown(answer)
      if (filled < answer.length) continue
      arrived(answer)
      answer = null
      filled = 0
    }
  }
}

/**
 * What a broker says is not enough to allocate more than that, bytes: the rest is allocated as the
 * answer arrives.
 */
const believed = 4 * 1024 * 1024

function begun(head: Buffer): Buffer {
  const size = head.readInt32BE()
  if (size < headBytes - sizeBytes) throw new RangeError(`the broker sent an answer of ${size} bytes`)
  return copied(head, Math.min(sizeBytes + size, believed))
}

/**
 * The same once it is complete; until then with twice the room, which is never more than twice of
 * what has arrived.
 */
function grown(answer: Buffer): Buffer {
  const whole = sizeBytes + answer.readInt32BE()
  return answer.length === whole ? answer : copied(answer, Math.min(whole, 2 * answer.length))
}

/** Not out of the pool of small buffers: it would be kept whole by the least of its answers. */
function copied(from: Buffer, bytes: number): Buffer {
  const to = Buffer.allocUnsafeSlow(bytes)
  from.copy(to)
  return to
}
