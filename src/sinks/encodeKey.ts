/** How the key of a record becomes bytes: with the sink's serde, or, without one, as it is where that can only mean one thing. */
import { Buffer } from 'node:buffer'
import type { OperatorId, StreamRecord } from '../element.ts'
import { FatalError } from '../errors.ts'
import type { Serde } from '../serde.ts'

/** Bytes and null pass, strings become UTF-8. Throws Fatal KEY_NOT_ENCODABLE on anything else, and where the serde throws. */
export function encodeKey(
  serde: Serde<never> | undefined,
  record: StreamRecord<unknown>,
  operator: OperatorId,
): Uint8Array | null {
  const { key } = record
  if (serde !== undefined) return encodeWith(serde, record, operator)
  if (key === null || key instanceof Uint8Array) return key
  if (typeof key === 'string') return Buffer.from(key, 'utf8')
  throw notEncodable(record, operator, `a key of type ${typeof key} can be written in many ways`)
}

function encodeWith(serde: Serde<never>, record: StreamRecord<unknown>, operator: OperatorId): Uint8Array | null {
  try {
    return serde.encode(record.key as never)
  } catch (thrown) {
    throw notEncodable(record, operator, `the key serde of the sink threw ${thrown}`, thrown)
  }
}

function notEncodable(
  { split, offset }: StreamRecord<unknown>,
  operator: OperatorId,
  what: string,
  cause?: unknown,
): FatalError {
  return new FatalError('KEY_NOT_ENCODABLE', what, {
    where: { operator, topic: split.topic, partition: split.partition, offset },
    badRecord: true,
    hint: 'Set `key` of the sink to a serde that encodes the keys of these records; keys that are bytes, strings or null need none',
    ...(cause === undefined ? {} : { cause }),
  })
}
