/**
 * How the key of a record becomes bytes: with the sink's serde, or, without one, as it is where
 * that can only mean one thing.
 */
import { Buffer } from 'node:buffer'
import { FatalError, RxweftError, toError } from '../errors.ts'
import type { OperatorId, StreamRecord } from '../record.ts'
import type { Serde } from '../serde/serde.ts'
import { text } from '../serde/text.ts'
import { bytesOf } from './bytesOf.ts'

/**
 * Encodes a record's key. Without a serde, bytes and null pass unchanged, strings become UTF-8, and
 * numbers, bigints and booleans their printed text: 42, true.
 *
 * @throws KEY_NOT_ENCODABLE for any other key, or if the serde throws
 */
export function encodeKey(
  serde: Serde<unknown> | undefined,
  record: StreamRecord<unknown>,
  operator: OperatorId,
): Uint8Array | null {
  const { key } = record
  try {
    return keyBytes(serde, key)
  } catch (thrown) {
    throw notEncodable(record, operator, thrown)
  }
}

/** As `encodeKey`, for a key without its record. Throws what the serde throws. */
export function keyBytes(serde: Serde<unknown> | undefined, key: unknown): Uint8Array | null {
  if (serde === undefined && (key === null || key instanceof Uint8Array)) return key
  return serde === undefined ? plain(key) : bytesOf(serde.encode(key))
}

function plain(key: unknown): Uint8Array | null {
  switch (typeof key) {
    case 'string':
      return text.encode(key)
    case 'number':
    case 'bigint':
    case 'boolean':
      return Buffer.from(String(key), 'latin1')
    default:
      throw new TypeError(`a key of type ${typeof key} has no default encoding`)
  }
}

/** An rxweft error keeps its own code. */
function notEncodable({ split, offset }: StreamRecord<unknown>, operator: OperatorId, thrown: unknown): RxweftError {
  const where = { operator, topic: split.topic, partition: split.partition, offset }
  if (thrown instanceof RxweftError) return thrown.at(where)
  const cause = toError(thrown)
  return new FatalError('KEY_NOT_ENCODABLE', `the key cannot be encoded: ${cause.message}`, {
    where,
    badRecord: true,
    hint: 'Set `key` of the sink to a codec for these keys. Only bytes, strings, numbers, bigints, booleans and null need no codec',
    cause,
  })
}
