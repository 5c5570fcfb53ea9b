import type { Observer } from 'rxjs'
import type { StreamElement } from '../../element.ts'
import { onErrorRule, operatorIdRule, required } from '../../optionRules.ts'
import { checkOptions, type OptionRule, type OptionRules } from '../../options.ts'
import type { Key, OperatorId } from '../../record.ts'
import { type StateOptions, stateRules } from '../../state/stateOptions.ts'
import type { Stream, StreamOperator } from '../../stream.ts'
import { align } from '../engine/align.ts'
import { drawn } from '../engine/drawn.ts'
import type { Here, KeptHere } from '../engine/here.ts'
import { operate, operateMany, type Step } from '../engine/operate.ts'
import type { AnySideOutput } from '../sideOutput.ts'
import { keyedStep, type OpenKeyed, type StatefulOptions } from './keyedStep.ts'

/** Operator on keyed elements; its results have keys, too. */
export type KeyedOperator<T, K extends Key, R> = StreamOperator<T, R, K>

/** Rules of the options of an operator, by name. */
export type KeyedRules = Readonly<Record<string, OptionRule>>

export const statefulRules: OptionRules<StatefulOptions> = { id: required(operatorIdRule), onError: onErrorRule }

/** Rules of operators whose options include those of their state. */
export const keyedRules: KeyedRules & OptionRules<StatefulOptions & StateOptions<never>> = {
  ...statefulRules,
  ...stateRules,
}

/**
 * Checks the options of an operator with state.
 *
 * @param problems those of its other arguments, for the same error
 * @throws BAD_OPTION
 */
export function checkKeyed(
  name: string,
  options: StatefulOptions,
  rules: KeyedRules,
  problems: readonly string[] = [],
): OperatorId {
  const id = (options as StatefulOptions | null | undefined)?.id
  const where = { operator: id !== undefined && operatorIdRule.is(id) ? id : name }
  checkOptions(name, options as object, rules, { where, problems })
  return options.id
}

/**
 * Makes an operator with keyed state out of its record handlers.
 *
 * @param name name of the operator, for messages about options
 */
export function keyed<T, K extends Key, R>(
  name: string,
  options: StatefulOptions,
  rules: KeyedRules,
  open: OpenKeyed<T, K, R>,
  sides: readonly AnySideOutput[] = [],
): KeyedOperator<T, K, R> {
  const id = checkKeyed(name, options, rules)
  const start = (out: Observer<StreamElement<R>>, here: Here): Step<T> => {
    const step = keyedStep(options, sides, out, here, open)
    return { ...step, record: (record) => step.record(record, 0) }
  }
  const operator = operate(id, start, options.onError) as KeyedOperator<T, K, R>
  return (source) => drawn(operator(source), { kind: name, id, sides })
}

/**
 * Makes an operator with keyed state and several inputs that keep step.
 *
 * @param inputs records of the first are those of input 0
 */
export function keyedMany<T, K extends Key, R>(
  name: string,
  options: StatefulOptions,
  rules: KeyedRules,
  inputs: readonly Stream<T>[],
  open: OpenKeyed<T, K, R>,
  sides: readonly AnySideOutput[] = [],
): Stream<R, K> {
  const id = checkKeyed(name, options, rules)
  const start = (out: Observer<StreamElement<R>>, here: KeptHere): readonly Step<T>[] => {
    const step = keyedStep(options, sides, out, here, open)
    return align(id, inputs.length, here, {
      ...step,
      // Here and not in operate.ts: a record that was held is not the element that has let it go.
      record(record, input) {
        try {
          step.record(record, input)
        } catch (thrown) {
          const end = here.end(record, thrown)
          if (end !== null) throw end
        }
      },
    })
  }
  const output = operateMany<T, R>(id, inputs, start, options.onError) as Stream<R, K>
  return drawn(output, { kind: name, id, sides })
}
