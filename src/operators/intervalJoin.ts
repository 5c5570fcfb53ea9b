import type { Key, StreamRecord } from '../record.ts'
import { type TimedElements, timedElements, wholeMs } from '../state/timedElements.ts'
import type { Stream } from '../stream.ts'
import { isLateForJoin } from '../time/late.ts'
import { derivedRecord } from './engine/derivedRecord.ts'
import { type Bounds, boundsOf, type Interval } from './joins/interval.ts'
import { checkJoin, type JoinOptions, type JoinSide, joinRules, lateOutput, lateOutputs } from './joins/joinOptions.ts'
import { keyedMany } from './keyed/keyed.ts'
import type { KeyedContext, KeyedHandlers } from './keyed/keyedStep.ts'

/**
 * Joins elements of two keyed streams that are close in time.
 *
 *     left    R--a-----------b--
 *     right   R-----x--y--------      of the same key
 *     intervalJoin(right, { from: -4, to: 4 }, (left, right) => left + right, { id: 'pairs' })
 *             R-----ax-------by-      each pair as soon as both exist, with the later timestamp
 *
 * An element is kept until the watermark excludes further partners. An element below the watermark
 * is late: it is not joined, and goes to `late`. The lower watermark of both streams counts, so
 * give a stream that may be silent an idleness. A result has the key of its elements and the
 * operator as its place. After Flink's interval join.
 *
 * @param join makes the result of a pair
 * @throws OPERATOR_FAILED if `join` throws; see `onError`. The later element is at fault, and is
 *   not kept
 */
export function intervalJoin<L, R, O, K extends Key>(
  right: Stream<R, K>,
  interval: Interval,
  join: (left: L, right: R, key: K) => O,
  options: JoinOptions<NoInfer<L>, NoInfer<R>, NoInfer<K>>,
): (source: Stream<L, K>) => Stream<O, K> {
  checkJoin('intervalJoin', options)
  const { lower, upper } = boundsOf('intervalJoin', interval)
  const open = (context: KeyedContext<K, O>): KeyedHandlers<L | R, K> => {
    const left = openSide<K, L>(context, 'left', options.left, { lower, upper })
    const right = openSide<K, R>(context, 'right', options.right, { lower: -upper, upper: -lower })

    function meet<A, B>(
      record: StreamRecord<A, K>,
      mine: Side<K, A>,
      others: Side<K, B>,
      pair: (a: A, b: B) => O,
    ): void {
      const { key, timestamp, value } = record
      if (isLateForJoin(timestamp, context.watermark)) return mine.late(record)
      mine.elements.add(key, timestamp, value)
      context.eventTimers.set(wholeMs(timestamp) + mine.stay, key)
      for (const other of others.elements.between(key, timestamp + mine.lower, timestamp + mine.upper)) {
        const result = pair(value, other.value)
        context.out.next(derivedRecord(options.id, key, result, Math.max(timestamp, other.at)))
      }
    }

    return {
      record(record, input) {
        const { key } = record
        if (input === 0) meet(record as StreamRecord<L, K>, left, right, (one, other) => join(one, other, key))
        else meet(record as StreamRecord<R, K>, right, left, (one, other) => join(other, one, key))
      },
      onEventTimer(time, key) {
        left.elements.remove(key, time - left.stay)
        right.elements.remove(key, time - right.stay)
      },
    }
  }
  const late = lateOutputs(options)
  return (left) => keyedMany<L | R, K, O>('intervalJoin', options, joinRules, [left, right], open, late)
}

/** Elements of one stream; their partners lie from `lower` to `upper` ms after them. */
interface Side<K extends Key, T> extends Bounds {
  readonly elements: TimedElements<K, T>
  /** Time that an element is kept behind the watermark, ms. */
  readonly stay: number
  late(record: StreamRecord<T, K>): void
}

function openSide<K extends Key, T>(
  context: KeyedContext<K, never>,
  name: string,
  options: JoinSide<T, K> = {},
  bounds: Bounds,
): Side<K, T> {
  return {
    ...bounds,
    elements: timedElements(context.store, name, options),
    stay: Math.max(0, bounds.upper),
    late: lateOutput(context, options),
  }
}
