/**
 * How a record says which schema it was written with:
 *
 *   +---+---------------+---------
 *   | 0 | id, 4 bytes   | data        big-endian; Protobuf: data begins with messageIndexes.ts
 *   +---+---------------+---------
 *
 * Source:
 * https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format
 */
import { Buffer } from 'node:buffer'
import { FatalError } from 'rxweft'

const magic = 0
const headerSize = 5

export function framed(id: number, data: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(headerSize + data.length)
  bytes[0] = magic
  bytes.writeUInt32BE(id, 1)
  bytes.set(data, headerSize)
  return bytes
}

/** null: it does not say so. */
export function idIn(bytes: Buffer | null): number | null {
  return bytes === null || bytes.length < headerSize || bytes[0] !== magic ? null : bytes.readUInt32BE(1)
}

/** A view. */
export function dataIn(bytes: Buffer): Buffer {
  return bytes.subarray(headerSize)
}

export function notFramed(bytes: Buffer | null): Error {
  if (bytes === null) return new TypeError('the value is null (a tombstone); use nullable(codec) to keep tombstones')
  return new FatalError('NOT_IN_WIRE_FORMAT', 'the record does not begin with the byte 0 and a schema id', {
    hint: 'The record was not written through a schema registry: use another codec, or set `onError`',
    badRecord: true,
  })
}
