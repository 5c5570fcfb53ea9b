import { anObject } from '../optionRules.ts'
import type { OptionRules } from '../options.ts'
import type { Key, StreamRecord } from '../record.ts'
import { timedElements, wholeMs } from '../state/timedElements.ts'
import type { Stream } from '../stream.ts'
import { isLateOutsideWindows } from '../time/late.ts'
import { derivedRecord } from './engine/derivedRecord.ts'
import { notAsync } from './engine/notAsync.ts'
import { checkJoin, type JoinOptions, type JoinSide, lateOutput, lateOutputs } from './joins/joinOptions.ts'
import { type KeyedRules, keyedMany, statefulRules } from './keyed/keyed.ts'
import type { KeyedContext, KeyedHandlers } from './keyed/keyedStep.ts'

/** Options of `asOfJoin`. */
export interface AsOfJoinOptions<L, R, K = unknown> extends Omit<JoinOptions<L, R, K>, 'right'> {
  /** Options of the table. No version of it is late. Default: JSON. */
  readonly right?: Omit<JoinSide<R>, 'late'> | undefined
}

const rules: KeyedRules & OptionRules<AsOfJoinOptions<never, never>> = {
  ...statefulRules,
  left: anObject,
  right: anObject,
}

/**
 * Joins each element with the version of a table that was valid at its time: the element of `table`
 * with the same key and the highest timestamp up to its own.
 *
 *     left    R--a@4-------b@6-----W7--|       of one key
 *     table   R------x@3------y@5--W7--|
 *     asOfJoin(table, (left, version) => left + version, { id: 'priced' })
 *             R----------------(ax@4 by@6 W7)|
 *
 * An element waits until the watermark has reached its timestamp, so the result does not depend on
 * which stream was faster. Of versions with equal timestamps the last to come counts. An element at
 * or below the watermark is late: it is not joined, and goes to `late`. The latest version of each
 * key is kept for good. The lower watermark of both streams counts, so give a table that changes
 * rarely an idleness. A result has the key and timestamp of its element, and the operator as its
 * place. After Flink's temporal join in event time.
 *
 * @param join receives undefined where no version was valid yet. If it throws, the attempt ends,
 *   since no single record is at fault
 */
export function asOfJoin<L, R, O, K extends Key>(
  table: Stream<R, K>,
  join: (left: L, version: R | undefined, key: K) => O,
  options: AsOfJoinOptions<NoInfer<L>, NoInfer<R>, NoInfer<K>>,
): (source: Stream<L, K>) => Stream<O, K> {
  checkJoin('asOfJoin', options, rules)
  const open = (context: KeyedContext<K, O>): KeyedHandlers<L | R, K> => {
    const waiting = timedElements<K, L>(context.store, 'left', options.left ?? {})
    const versions = timedElements<K, R>(context.store, 'right', options.right ?? {})
    const late = lateOutput<L, K>(context, options.left)

    return {
      record(record, input) {
        const { key, timestamp, value } = record
        if (input > 0) versions.add(key, timestamp, value as R)
        else if (isLateOutsideWindows(timestamp, 0, context.watermark)) return late(record as StreamRecord<L, K>)
        else waiting.add(key, timestamp, value as L)
        context.eventTimers.set(wholeMs(timestamp), key)
      },
      onEventTimer(time, key) {
        const known = versions.between(key, -Infinity, time)
        for (const { at, value } of waiting.between(key, -Infinity, time)) {
          const version = known.findLast((one) => one.at <= at)?.value
          context.out.next(derivedRecord(options.id, key, notAsync(options.id, join(value, version, key)), at))
        }
        waiting.remove(key, time)
        // What waits from now on is later, so of the versions up to now it sees the last one only.
        const last = known.at(-1)
        for (const { at } of known)
          if (last !== undefined && wholeMs(at) < wholeMs(last.at)) versions.remove(key, wholeMs(at))
      },
    }
  }
  return (left) => keyedMany<L | R, K, O>('asOfJoin', options, rules, [left, table], open, lateOutputs(options))
}
