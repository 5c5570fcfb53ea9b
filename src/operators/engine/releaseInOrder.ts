/** Results between two elements that must not be overtaken. */
export interface Segment<E> {
  /** Records that were taken and are not ready. */
  pending: number
  ready: E[]
  /**
   * Element that closes the segment: a control element, or null for an ordered record; undefined
   * while the segment is open.
   */
  end: E | null | undefined
  next: Segment<E> | undefined
}

export interface InOrder<E> {
  /** Nothing is pending, waits, or is just being emitted. */
  readonly empty: boolean
  /** A place for a result that comes later. */
  reserve(): Segment<E>
  settle(segment: Segment<E>, result: E): void
  /** No result will come for the place. */
  leave(segment: Segment<E>): void
  /** An element that leaves after all that precedes it. */
  follow(control: E): void
}

export function releaseInOrder<E>(ordered: boolean, emit: (element: E) => void): InOrder<E> {
  let first = open<E>()
  let last = first
  let releasing = false

  const close = (end: E | null): void => {
    last.end = end
    last.next = open()
    last = last.next
  }

  const release = (): void => {
    if (releasing) return
    releasing = true
    emitReady(first, emit)
    while (first.pending === 0 && first.next) {
      if (first.end != null) emit(first.end)
      first = first.next
      emitReady(first, emit)
    }
    releasing = false
  }

  return {
    get empty() {
      return !releasing && first.pending === 0
    },
    reserve() {
      const segment = last
      segment.pending += 1
      if (ordered) close(null)
      return segment
    },
    settle(segment, result) {
      segment.pending -= 1
      segment.ready.push(result)
      release()
    },
    leave(segment) {
      segment.pending -= 1
      release()
    },
    follow(control) {
      close(control)
      release()
    },
  }
}

function open<E>(): Segment<E> {
  return { pending: 0, ready: [], end: undefined, next: undefined }
}

function emitReady<E>(segment: Segment<E>, emit: (element: E) => void): void {
  for (let at = 0; at < segment.ready.length; at++) emit(segment.ready[at] as E)
  segment.ready.length = 0
}
