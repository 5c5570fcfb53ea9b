/**
 * Errors of records that a Kafka sink refuses, or a broker. Each names the place that the record
 * was read from.
 */

import { type CodeOf, FatalError, type RxweftError } from '../errors.ts'
import type { RefusedRecord } from '../kafka/sending/salvage.ts'
import * as open from '../openErrors.ts'
import type { OperatorId, StreamRecord } from '../record.ts'

const whereOf = (operator: OperatorId, { split, offset }: Pick<StreamRecord<unknown>, 'split' | 'offset'>) => ({
  operator,
  topic: split.topic,
  partition: split.partition,
  offset,
})

function bad(code: CodeOf<'fatal'>, what: string, hint: string, where: FatalError['where']): FatalError {
  return new FatalError(code, what, { where, badRecord: true, hint })
}

/** Error of a record, with the code of its topic's problem, or of the broker's answer. */
function badBecause(cause: RxweftError, what: string, hint: string, where: FatalError['where']): FatalError {
  return new open.FatalError(cause.code, what, { where, badRecord: true, hint, cause })
}

export function tooLarge(
  record: StreamRecord<unknown>,
  operator: OperatorId,
  topic: string,
  size: number,
  limit: number,
): FatalError {
  return bad(
    'RECORD_TOO_LARGE',
    `the record has ${size} bytes, but topic ${topic} allows ${limit}`,
    'Raise max.message.bytes of the topic, make records smaller, or set `compression`. Nothing of the checkpoint was committed',
    whereOf(operator, record),
  )
}

export function noPartition(
  record: StreamRecord<unknown>,
  operator: OperatorId,
  topic: string,
  partitions: number,
): FatalError {
  return bad(
    'NO_SUCH_PARTITION',
    `the partitioner chose a partition that topic ${topic} does not have`,
    `Return a whole number from 0 to ${partitions - 1}`,
    whereOf(operator, record),
  )
}

export function noTimestamp(record: StreamRecord<unknown>, operator: OperatorId, timestamp: number): FatalError {
  return bad(
    'BAD_TIMESTAMP',
    `the timestamp to be written is ${timestamp}`,
    'Kafka allows whole ms since the epoch, and times before 1970 only in topics whose `compression.type` is `producer` or that of the sink: correct the timestamp where the record is made, or set `timestamps` of the sink',
    whereOf(operator, record),
  )
}

export function badHeaders(record: StreamRecord<unknown>, operator: OperatorId): FatalError {
  return bad(
    'RECORD_NOT_WRITABLE',
    'the headers of the record are not an array of { name, value }, or UTF-8 cannot encode a name',
    'Return an array of headers, each with bytes or null as `value` and as `name` a string without half a surrogate pair',
    whereOf(operator, record),
  )
}

/** @param name result of the user's function */
export function badTopicName(record: StreamRecord<unknown>, operator: OperatorId, name: unknown): FatalError {
  const shown = typeof name === 'string' ? JSON.stringify(name.slice(0, 100)) : `a value of type ${typeof name}`
  return bad(
    'BAD_TOPIC_NAME',
    `the function topic of the sink returned ${shown}, which is not a topic that can be written to`,
    'Return 1 to 249 letters, digits, dots, underscores and hyphens, and no internal topic of the brokers',
    whereOf(operator, record),
  )
}

export function topicRefused(record: StreamRecord<unknown>, operator: OperatorId, topic: string, cause: RxweftError) {
  return badBecause(
    cause,
    `the record is for topic ${topic}: ${cause.what}`,
    cause.hint ?? 'Create the topic, or name another one',
    whereOf(operator, record),
  )
}

/** @param topic destination of the record */
export function refusedLate(record: RefusedRecord, operator: OperatorId, topic: string): FatalError {
  const { error, reason } = record
  const detail = reason === null || error.what.includes(reason) ? '' : ` ("${reason}")`
  return badBecause(
    error,
    `the broker rejected a record for topic ${topic}: ${error.what}${detail}`,
    error.hint ?? 'Check the configuration of the topic',
    whereOf(operator, record),
  )
}
