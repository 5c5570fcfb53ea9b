import type { Observer } from 'rxjs'
import type { StreamElement } from '../element.ts'
import { type StreamRecord, withValue } from '../record.ts'
import type { StreamOperator } from '../stream.ts'
import { notAsync } from './engine/notAsync.ts'
import { operate, type Step } from './engine/operate.ts'
import { type OperatorOptions, ownPolicy } from './engine/operatorOptions.ts'

/**
 * Maps each record to any number of values, all with its key, timestamp, headers and place.
 *
 *     R--a---1--b---|
 *     flatMap((letter) => [letter, letter])
 *     R--(aa)1--(bb)|
 *
 * @param f returns an iterable, such as an array or a generator; it is read to its end at once
 * @throws OPERATOR_FAILED if `f` throws; see `onError`. None of the record's values is then emitted
 */
// biome-ignore lint/suspicious/noExplicitAny: of unknown results, the next operator would complain if `options` are wrong
export function flatMap<T, R = any, K = unknown>(
  f: (value: T, record: StreamRecord<T, K>) => Iterable<R>,
  options: OperatorOptions = {},
): StreamOperator<T, R, K> {
  const onError = ownPolicy('flatMap', options)
  const start = (out: Observer<StreamElement<R, K>>): Step<T, K> => {
    let whole = false
    return {
      restore(restore) {
        whole = restore.services.badRecords.policy('flatMap', onError) !== 'fail'
        out.next(restore)
      },
      record(record) {
        const values = notAsync('flatMap', f(record.value, record))
        // Values emitted before an iterable throws could not be taken back.
        for (const value of whole ? complete(values) : values) out.next(withValue(record, value))
      },
    }
  }
  return operate('flatMap', start, onError)
}

function complete<R>(values: Iterable<R>): readonly R[] {
  return Array.isArray(values) ? values : [...values]
}
