/** Records that are made of several others, or of none: results of windows, joins and timers. */

import { type OperatorId, type Split, type StreamRecord, streamRecord } from '../../record.ts'
import { notAsync } from './notAsync.ts'

/**
 * One for each operator, so that records of one place have one object for it, as those of a source
 * do. There are as many as a job has operators.
 */
const splits = new Map<OperatorId, Split>()

/**
 * They were read nowhere: their topic is the operator, their partition 0, and their offset -1.
 *
 * @param latest highest event time that went into the record: where `timestamp` lies ahead of it,
 *   sinks write this instead. -Infinity: unknown
 */
export function derivedRecord<R, K>(
  operator: OperatorId,
  key: K,
  value: R,
  timestamp: number,
  latest = timestamp,
): StreamRecord<R, K> {
  notAsync(operator, value)
  const split = splitOf(operator)
  if (latest >= timestamp || latest === -Infinity) return streamRecord(value, timestamp, key, noHeaders, split, -1)
  return { kind: 'record', value, timestamp, key, headers: noHeaders, split, offset: -1, writtenTime: latest }
}

const noHeaders: StreamRecord<unknown>['headers'] = []

function splitOf(operator: OperatorId): Split {
  const known = splits.get(operator)
  if (known !== undefined) return known
  const split = { topic: operator, partition: 0 }
  splits.set(operator, split)
  return split
}
