/** Queue whose `shift` costs the same at any length; an array's moves all elements. */
export interface Fifo<T> {
  readonly length: number
  /** Oldest item; undefined if the queue is empty. */
  readonly head: T | undefined
  push(item: T): void
  shift(): T | undefined
  clear(): void
}

export function fifo<T>(): Fifo<T> {
  let items: (T | undefined)[] = []
  let first = 0

  return {
    get length() {
      return items.length - first
    },
    get head() {
      return items[first]
    },
    push: (item) => void items.push(item),
    shift() {
      const item = items[first]
      items[first] = undefined
      first += 1
      // Cut off what has left once it is the larger half: amortised, each item is moved at most
      // once.
      if (first * 2 > items.length) {
        items = items.slice(first)
        first = 0
      }
      return item
    },
    clear() {
      items = []
      first = 0
    },
  }
}
