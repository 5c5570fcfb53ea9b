/**
 * What a partition knows of each producer: its epoch and its last sequence numbers, so that a batch which comes twice is there once,
 * and one that comes after a missing one, or from a fenced producer, is refused. Kafka's ProducerStateManager.
 */
import type { BatchHeader } from './batchHeader.ts'
import { errors } from './errors.ts'

export interface Producers {
  /** -1: never seen. */
  epochOf(producerId: number): number
  check(batch: BatchHeader): { readonly errorCode: number; readonly duplicateOf: number | null }
  appended(batch: BatchHeader, baseOffset: number): void
  /** A marker with this epoch was written. */
  marked(producerId: number, epoch: number): void
  copy(): Producers
}

/** Replaced by each change, never changed itself: copies share it. */
interface Book {
  readonly epoch: number
  /** Newest last; as many as a broker remembers. */
  readonly recent: readonly { readonly first: number; readonly last: number; readonly offset: number }[]
}

/** How many batches of each producer a broker can tell to be repetitions. */
const remembered = 5

export function producers(books = new Map<number, Book>()): Producers {
  const fine = { errorCode: 0, duplicateOf: null }
  const refused = (errorCode: number) => ({ errorCode, duplicateOf: null })

  return {
    epochOf: (producerId) => books.get(producerId)?.epoch ?? -1,
    check({ producerId, producerEpoch, baseSequence, lastSequence, transactional }) {
      if (producerId < 0) return fine
      const book = books.get(producerId)
      // A producer that a partition has never heard of may begin anywhere, except in a transaction.
      if (book === undefined) return transactional && baseSequence !== 0 ? refused(errors.outOfOrder) : fine
      if (producerEpoch < book.epoch) return refused(errors.invalidEpoch)
      if (producerEpoch > book.epoch) return baseSequence === 0 ? fine : refused(errors.outOfOrder)
      const again = book.recent.find(({ first, last }) => first === baseSequence && last === lastSequence)
      if (again !== undefined) return { errorCode: 0, duplicateOf: again.offset }
      const expected = ((book.recent.at(-1)?.last ?? -1) + 1) % 2 ** 31
      return baseSequence === expected ? fine : refused(errors.outOfOrder)
    },
    appended({ producerId, producerEpoch, baseSequence, lastSequence }, offset) {
      if (producerId < 0) return
      const book = books.get(producerId)
      const known = book?.epoch === producerEpoch ? book.recent.slice(1 - remembered) : []
      const recent = [...known, { first: baseSequence, last: lastSequence, offset }]
      books.set(producerId, { epoch: producerEpoch, recent })
    },
    marked(producerId, epoch) {
      const book = books.get(producerId)
      if (book === undefined || epoch > book.epoch) books.set(producerId, { epoch, recent: [] })
    },
    copy: () => producers(new Map(books)),
  }
}
