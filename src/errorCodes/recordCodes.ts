import { fatal, retriable } from './row.ts'

/**
 * Records that cannot be processed: with `onError`, the job skips them or writes them to dead
 * letters.
 */
export const recordCodes = {
  DECODE_FAILED: fatal(
    'The codec cannot decode the key or value of a record. Nothing of its checkpoint was committed.',
    'Use a codec that reads it; `nullable(codec)` accepts tombstones. Or set `onError`.',
  ),
  OPERATOR_FAILED: fatal(
    'A function that was passed to an operator has thrown. Nothing of this checkpoint was committed.',
    'Correct the function and start the job again, or set `onError`.',
  ),
  ASYNC_MAP_FAILED: retriable(
    'The function of `asyncMap` has thrown or rejected, also after its retries.',
    'Set `retry` for temporary failures. Handle permanent failures in the function, or set `onError`.',
  ),
  ASYNC_MAP_TIMEOUT: retriable(
    'The function of `asyncMap` did not settle within `timeout`.',
    'Raise `timeout`, or set `retry`.',
  ),
  ASYNC_IN_LIFT: fatal(
    'An operator in `lift` emitted outside the processing of a value.',
    'Use `asyncMap` for asynchronous work. `lift` takes only operators that answer each value synchronously.',
  ),
  OUTSIDE_OF_CALL: fatal(
    'State, timers or outputs were used after the function that received them had returned.',
    'Use them before the function returns. Do asynchronous work in an `asyncMap` before the operator.',
  ),
  NO_KEY: fatal(
    'A record has no key, or a key of an unsupported type.',
    'Use strings, numbers, bigints or booleans as keys. Put `keyBy` before the operator, or set `onError`.',
  ),
  KEY_TOO_LONG: fatal(
    'A key of the state is longer than LMDB allows.',
    'Use a shorter key, such as a hash of it, or `memoryState()`.',
  ),
  BAD_TIMESTAMP: fatal(
    'The timestamp of a record is not a number of ms, or is out of range.',
    'Correct the function given to `withTimestamps`, or set `timestamps` of the sink, or set `onError`.',
  ),
  TIMESTAMP_AHEAD: fatal(
    'The timestamp of a record lies further ahead than `withMaxAhead` allows.',
    'Check that timestamps are in ms and that the clock of the producer is right. `onError` of the source decides about such records.',
  ),
  BAD_TIMER: fatal('A timer was set for a time that is not a finite number.', 'Set timers in ms since the epoch.'),
  NO_TIMER_HANDLER: fatal(
    'A timer was set, but the operator has no function to call when it fires.',
    'Give the operator `onEventTimer` or `onProcessingTimer`, as the message says.',
  ),
  NO_BRANCH: fatal(
    'A record matches no branch of `split`, and nothing reads `rest`.',
    "Read `rest`, or set `onError: 'skip'`.",
  ),
  BAD_RECORD_TOO_LATE: fatal(
    'A record was refused after its checkpoint had passed all outputs, so its dead letter would be in another checkpoint.',
    'End every branch of the pipeline in `to(sink)`, and use no operator that lets a barrier overtake records.',
  ),
  KEY_NOT_ENCODABLE: fatal(
    'The sink cannot encode the key of a record.',
    'Set `key` of the sink to a codec for these keys.',
  ),
  RECORD_NOT_WRITABLE: fatal(
    'The sink cannot write the key, value or headers of a record.',
    'Return bytes or null from codecs, and headers as an array of `{ name, value }`.',
  ),
  RECORD_TOO_LARGE: fatal(
    'A record is larger than the topic allows.',
    'Raise `max.message.bytes` of the topic, make records smaller, or set `compression`.',
  ),
  NO_SUCH_PARTITION: fatal(
    'A partitioner, or a call, chose a partition that the topic does not have.',
    'Return a whole number below the number of partitions.',
  ),
  BAD_TOPIC_NAME: fatal(
    'The function `topic` of a sink returned a name that cannot be written to.',
    'Return 1 to 249 letters, digits, dots, underscores and hyphens, and no internal topic.',
  ),
} as const
