/**
 * The input that operators under test are given, in three checkpoints:
 *
 *   R-a-b-V-X-c-d-I-e-Y-f-U-g-h-E-Z-|      records a to h, barriers X Y Z, watermarks V U E, Idle
 */

import { barrier, idle, type StreamElement, watermark } from '../../element.ts'
import { type CheckpointId, type StreamRecord, streamRecord } from '../../record.ts'
import type { Stream } from '../../stream.ts'
import { type Run, type RunOptions, runInTime } from '../run.ts'
import { type TestServices, testServices } from '../testServices.ts'
import { virtualClock } from '../virtualClock.ts'

type Elements = readonly StreamElement<unknown>[]

/** What the barriers bring along from the operators before this one. */
export const gathered = {
  positions: [{ source: 'numbers', splits: [{ topic: 'contract', partition: 0, offset: 7 }] }],
  states: [{ operator: 'the operator before', state: { seen: 1 } }],
}

/** Highest watermark that has come in by the end of each checkpoint. */
export const watermarks: readonly number[] = [1_500, 1_500, Infinity]

const picture = 'R-a-b-V-X-c-d-I-e-Y-f-U-g-h-E-Z-|'
/** Where inputs end that end early: amid the second checkpoint. */
export const cut = picture.indexOf('e')

const barriers = ['X', 'Y', 'Z']
const controls = { V: watermark(1_500), U: watermark(5_500), E: watermark(Infinity), I: idle }

export interface OperatorPlay {
  /** Everything, from the first element to the end. */
  whole(services?: TestServices): Promise<Run<StreamElement<unknown>>>
  /** What comes after this barrier, in an attempt that is restored from it. */
  after(checkpoint: CheckpointId, before: Run<StreamElement<unknown>>): Promise<Run<StreamElement<unknown>>>
  /** Until the source errors with this, amid the second checkpoint. */
  failing(error: unknown): Promise<Run<StreamElement<unknown>>>
  /** Until the output is unsubscribed, amid the second checkpoint. */
  unsubscribed(services: TestServices): Promise<Run<StreamElement<unknown>>>
}

export function operatorPlay<T, R, K>(
  operator: (source: Stream<T, K>) => Stream<R, unknown>,
  values: readonly T[],
  key: (value: T) => K,
): OperatorPlay {
  const letters = [...'abcdefgh'].map((letter, at) => [letter, recordOf(values[at % values.length] as T, at, key)])
  const passing = barriers.map((letter, at) => [letter, barrier(at + 1, gathered.positions, gathered.states)])
  const elements = Object.fromEntries([...letters, ...passing, ...Object.entries(controls)])

  const play = (marbles: string, options: RunOptions): Promise<Run<StreamElement<unknown>>> =>
    runInTime<never, Stream<unknown>>(operator as never, marbles, { ...options, values: elements })

  return {
    whole: (services = testServices()) => play(picture, { services }),
    after(checkpoint, before) {
      const at = picture.indexOf(barriers[checkpoint - 1] as string)
      const restoreFrom = before.snapshot(checkpoint)
      const services = testServices({ restoreFrom, clock: virtualClock(at) })
      return play(`R${picture.slice(at + 1)}`, { services, restoreFrom })
    },
    failing: (error) => play(`${picture.slice(0, cut)}#`, { error }),
    unsubscribed: (services) => play(picture, { services, unsubscribe: `${'-'.repeat(cut)}!` }),
  }
}

function recordOf<T, K>(value: T, at: number, key: (value: T) => K): StreamRecord<T, K> {
  return streamRecord(value, at * 1_000, key(value), [], { topic: 'contract', partition: 0 }, at)
}

export const recordsOf = (elements: Elements): readonly StreamRecord<unknown>[] =>
  elements.filter((element) => element.kind === 'record')

/**
 * What was emitted in each checkpoint, without the barrier at its end; the last part is what came
 * after the last barrier.
 */
export function inCheckpoints(elements: Elements): readonly Elements[] {
  const parts: StreamElement<unknown>[][] = [[]]
  for (const element of elements) {
    if (element.kind === 'barrier') parts.push([])
    else parts.at(-1)?.push(element)
  }
  return parts
}
