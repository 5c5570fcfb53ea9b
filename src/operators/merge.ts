import { EMPTY, type Observer } from 'rxjs'
import type { StreamElement } from '../element.ts'
import { asStream, type Stream } from '../stream.ts'
import { type AlignedStep, align } from './engine/align.ts'
import { operateMany } from './engine/operate.ts'

/** Observables to merge, one for each type of value. */
export type Inputs<T extends readonly unknown[]> = { [K in keyof T]: Stream<T[K]> }

/**
 * Merges several streams into one.
 *
 *     R-a-1-b---------2-|
 *     R-----c-1---d---2-|
 *     merge(first, second)
 *     R-a---c-(1b)d---2-|      b was held until barrier 1 of the other stream came
 *
 * With mode 'at-least-once' nothing is held: b passes at once, and is read again if the attempt
 * ends before checkpoint 2. Barriers carry the positions and states of all inputs; the lowest
 * watermark of inputs that are not idle counts.
 */
export function merge<T extends readonly unknown[]>(...inputs: Inputs<T>): Stream<T[number]> {
  const streams = inputs as readonly Stream<T[number]>[]
  if (streams.length === 0) return asStream(EMPTY)
  return operateMany('merge', streams, (out, here) => align('merge', streams.length, here, passOn(out)))
}

function passOn<T>(out: Observer<StreamElement<T>>): AlignedStep<T> {
  const pass = (element: StreamElement<T>): void => out.next(element)
  return {
    record: pass,
    watermark: pass,
    idle: pass,
    barrier: pass,
    restore: pass,
    complete: () => out.complete(),
  }
}
