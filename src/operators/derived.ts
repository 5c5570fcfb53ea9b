/** Records that an operator makes of many, or of none: nowhere read, so their place is the operator. */
import { type OperatorId, type StreamRecord, streamRecord } from '../element.ts'

const noHeaders: readonly never[] = []

/** Split: that of the operator, partition 0; offset -1; no headers. */
export function derivedRecord<R, K>(operator: OperatorId, key: K, value: R, timestamp: number): StreamRecord<R, K> {
  return streamRecord(value, timestamp, key, noHeaders, { topic: operator, partition: 0 }, -1)
}
