import type { Observable, Observer } from 'rxjs'
import type { StreamElement } from '../../element.ts'
import { checkOptionNames } from '../../options.ts'
import type { Key, StreamRecord } from '../../record.ts'
import { checkStateOptions, type StateNumbers } from '../../state/stateOptions.ts'
import { align } from '../engine/align.ts'
import { type ElementOperator, operate, operateMany, type Step } from '../engine/operate.ts'
import { type Refusal, refusal } from '../engine/refusal.ts'
import type { AnySideOutput } from '../sideOutput.ts'
import { checkedId, keyedStep, type OpenKeyed, type StatefulOptions, statefulOptionNames } from './keyedStep.ts'

/** Operator on keyed elements; its results have keys, too. */
export type KeyedOperator<T, K extends Key, R> = ElementOperator<T, R, K>

type OptionNames = Readonly<Record<string, boolean>>

/**
 * Makes an operator with keyed state out of its record handlers.
 *
 * @param name name of the operator, for messages about options
 * @param takes names of its options beside `id` and `onError`
 */
export function keyed<T, K extends Key, R>(
  name: string,
  options: StatefulOptions & StateNumbers,
  takes: OptionNames,
  open: OpenKeyed<T, K, R>,
  sides: readonly AnySideOutput[] = [],
): KeyedOperator<T, K, R> {
  checkOptionNames<StatefulOptions>(name, options, { ...statefulOptionNames, ...takes })
  const id = checkedId(name, options.id)
  checkStateOptions(id, options)
  const start = (out: Observer<StreamElement<R>>): Step<T> => {
    const step = keyedStep(options, sides, out, open)
    return { ...step, record: (record) => step.record(record, 0) }
  }
  return operate(id, start, options.onError) as KeyedOperator<T, K, R>
}

/**
 * Makes an operator with keyed state and several inputs that keep step.
 *
 * @param takes names of its options beside `id` and `onError`
 * @param inputs records of the first are those of input 0
 */
export function keyedMany<T, K extends Key, R>(
  name: string,
  options: StatefulOptions & StateNumbers,
  takes: OptionNames,
  inputs: readonly Observable<StreamElement<T>>[],
  open: OpenKeyed<T, K, R>,
  sides: readonly AnySideOutput[] = [],
): Observable<StreamElement<R, K>> {
  checkOptionNames<StatefulOptions>(name, options, { ...statefulOptionNames, ...takes })
  const id = checkedId(name, options.id)
  checkStateOptions(id, options)
  return operateMany<T, R>(id, inputs, (out) => {
    const step = keyedStep(options, sides, out, open)
    let refused: Refusal | undefined
    return align(id, inputs.length, {
      ...step,
      restore(restore) {
        refused = refusal(id, options.onError, restore)
        step.restore(restore)
      },
      // Here and not in operate.ts: a record that was held is not the element that has let it go.
      record(record, input) {
        try {
          step.record(record, input)
        } catch (thrown) {
          const end = refuse(refused, record, thrown)
          if (end !== null) throw end
        }
      },
      barrier(barrier) {
        if (refused) refused.checkpoint = barrier.checkpoint + 1
        step.barrier(barrier)
      },
    })
  }) as Observable<StreamElement<R, K>>
}

function refuse(refused: Refusal | undefined, record: StreamRecord<unknown>, thrown: unknown): unknown {
  return refused === undefined ? thrown : refused.end(record, thrown)
}
