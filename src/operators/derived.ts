/** Records that are made of several others, or of none: results of windows, joins and timers. */
import { type OperatorId, type Split, type StreamRecord, streamRecord } from '../element.ts'

/** One for each operator, so that records of one place have one object for it, as those of a source do. There are as many as a job has operators. */
const splits = new Map<OperatorId, Split>()

/** They were read nowhere: their topic is the operator, their partition 0, and their offset -1. */
export function derivedRecord<R, K>(operator: OperatorId, key: K, value: R, timestamp: number): StreamRecord<R, K> {
  return streamRecord(value, timestamp, key, noHeaders, splitOf(operator), -1)
}

const noHeaders: StreamRecord<unknown>['headers'] = []

function splitOf(operator: OperatorId): Split {
  const known = splits.get(operator)
  if (known !== undefined) return known
  const split = { topic: operator, partition: 0 }
  splits.set(operator, split)
  return split
}
