/**
 * Makes the inputs of one operator keep step. An input that has delivered barrier n is held, and
 * its later elements are queued, until all others have delivered it, too. So the operator has seen
 * before barrier n exactly what the sources had read at n.
 *
 *     R-a-1-b---------2-|
 *     R-----c-1---d---2-|
 *     R-a---c-(1b)d---2-|      b was held until barrier 1 of the other input came
 *
 * With mode 'at-least-once' nothing is held: b passes at once, and is read again if the attempt
 * ends before checkpoint 2.
 */
import type { Services } from '../../attempt.ts'
import {
  type Barrier,
  type Idle,
  type Restore,
  type StreamElement,
  type Watermark,
  withKeySlots,
} from '../../element.ts'
import { commonKeySlots, type FindKeySlots, noKeySlots } from '../../keySlots.ts'
import type { StreamRecord } from '../../record.ts'
import { type LowestWatermark, lowestWatermark } from '../../time/lowestWatermark.ts'
import { type Fifo, fifo } from './fifo.ts'
import { type KeptHere, restored } from './here.ts'
import { mergeBarriers } from './mergeBarriers.ts'
import type { Step } from './operate.ts'

/** Reaction of an operator to the elements of all its inputs. */
export interface AlignedStep<T> {
  record(record: StreamRecord<T>, input: number): void
  /** The lowest of the inputs that are not idle. */
  watermark(watermark: Watermark): void
  /** All inputs that have not ended are idle. */
  idle(idle: Idle): void
  /** The barriers of all inputs as one. */
  barrier(barrier: Barrier): void
  /**
   * The first Restore: all are equal, and an input's records come after its own, so none waits for
   * the others.
   */
  restore(restore: Restore): void
  /** All inputs have completed. */
  complete(): void
  teardown?(): void
}

/** Input with its queue. The head of a queue is the barrier with which its input waits. */
interface Input<T> {
  readonly queue: Fifo<StreamElement<T>>
  completed: boolean
  ended: boolean
}

/**
 * Makes one step for each input. An input that completes holds nothing back any more; later
 * barriers lack its position, so a source completes only at the end.
 */
export function align<T>(name: string, count: number, here: KeptHere, step: AlignedStep<T>): Step<T>[] {
  const inputs = Array.from({ length: count }, (): Input<T> => ({ queue: fifo(), completed: false, ended: false }))
  const watermarks = lowestWatermark(count, (control) => {
    if (control.kind === 'idle') return step.idle(control)
    here.meter.watermark = control.timestamp
    step.watermark(control)
  })
  let services: Services | undefined
  let held = 0
  /** Of the inputs whose Restore has come: all of them, before anything is loaded. */
  const keySlots: FindKeySlots[] = []

  const hold = (input: Input<T>, element: StreamElement<T>): void => {
    if (element.kind === 'record') {
      services?.credits.hold()
      held += 1
    }
    input.queue.push(element)
  }

  const release = (input: Input<T>, at: number): void => {
    while (input.queue.head && input.queue.head.kind !== 'barrier') {
      const element = input.queue.shift() as Taken<T>
      if (element.kind === 'record') held -= 1
      deliver(element, at, step, watermarks)
      if (element.kind === 'record') services?.credits.release()
    }
  }

  const advance = (): void => {
    while (inputs.every(isReady) && inputs.some(({ queue }) => queue.length > 0)) {
      const barriers = inputs.flatMap(({ queue }) => (queue.shift() as Barrier | undefined) ?? [])
      const merged = mergeBarriers(barriers, name)
      here.pass(merged)
      step.barrier(merged)
      inputs.forEach(release)
    }
    for (const [at, input] of inputs.entries()) {
      if (input.ended || !isOver(input)) continue
      input.ended = true
      watermarks.end(at)
    }
    if (inputs.every(({ ended }) => ended)) step.complete()
  }

  return inputs.map((input, at) => {
    const take = (element: Taken<T>): void => {
      if (input.queue.length > 0 && services?.mode === 'exactly-once') hold(input, element)
      else deliver(element, at, step, watermarks)
    }
    return {
      record: take,
      watermark: take,
      idle: take,
      barrier(barrier) {
        restored(name, services)
        input.queue.push(barrier)
        advance()
      },
      restore(restore) {
        keySlots.push(restore.keySlots ?? noKeySlots)
        if (services) return
        services = restore.services
        here.begin(restore)
        step.restore(withKeySlots(restore, () => commonKeySlots(keySlots)()))
      },
      complete() {
        input.completed = true
        advance()
      },
      teardown() {
        input.queue.clear()
        if (held > 0) services?.credits.release(held)
        held = 0
        if (at === 0) step.teardown?.()
      },
    }
  })
}

/** Elements that pass while nothing is held. */
type Taken<T> = StreamRecord<T> | Watermark | Idle

function deliver<T>(element: StreamElement<T>, at: number, step: AlignedStep<T>, watermarks: LowestWatermark): void {
  if (element.kind === 'watermark') watermarks.rise(at, element.timestamp)
  else if (element.kind === 'idle') watermarks.idle(at)
  else if (element.kind === 'record') {
    watermarks.active(at)
    step.record(element, at)
  }
}

function isOver({ completed, queue }: Input<unknown>): boolean {
  return completed && queue.length === 0
}

function isReady(input: Input<unknown>): boolean {
  return input.queue.head?.kind === 'barrier' || isOver(input)
}
