/**
 * Hot stream for several subscribers: a Subject that does not copy its observers for each element.
 */

import { Observable, type Subscriber } from 'rxjs'
import type { StreamElement } from '../element.ts'
import { asStream, type Stream } from '../stream.ts'

export interface HotElements<T> {
  readonly elements: Stream<T>
  readonly isUsed: () => boolean
  next(element: StreamElement<T>): void
  complete(): void
}

export function hotElements<T>(): HotElements<T> {
  const subscribers: Subscriber<StreamElement<T>>[] = []
  return {
    elements: asStream<T, unknown>(
      new Observable((subscriber) => {
        subscribers.push(subscriber)
        return () => void subscribers.splice(subscribers.indexOf(subscriber), 1)
      }),
    ),
    isUsed: () => subscribers.length > 0,
    next(element) {
      // By index: a loop over the array itself would cost an iterator per record.
      for (let i = 0; i < subscribers.length; i++) subscribers[i]?.next(element)
    },
    complete() {
      for (const subscriber of [...subscribers]) subscriber.complete()
    },
  }
}
