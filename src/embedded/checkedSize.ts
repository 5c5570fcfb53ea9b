import { Buffer } from 'node:buffer'
import { FatalError } from '../errors.ts'

/**
 * Largest record, bytes: far more than a message should have, and far less than a Buffer can hold.
 */
const recordBytes = 64 * 1024 * 1024

/** Size of a record, and of each of its headers, besides names and values; see logBatch.ts. */
const fixedBytes = { record: 20, header: 8 }

/**
 * Size of a record in the log, bytes. Serdes and untyped callers may pass anything.
 *
 * @throws RECORD_NOT_WRITABLE if it could not be read back unchanged
 */
export function checkedSize(
  timestamp: unknown,
  key: unknown,
  value: unknown,
  headers: readonly { readonly name: Buffer; readonly value: unknown }[],
): number {
  if (!Number.isFinite(timestamp)) refuse(`its timestamp is ${timestamp}`, 'ms since the epoch')
  let bytes = fixedBytes.record + sizeOf('key', key) + sizeOf('value', value)
  for (const header of headers) bytes += fixedBytes.header + header.name.length + sizeOf('header', header.value)
  if (bytes > recordBytes)
    refuse(`it has ${bytes} bytes`, `at most ${recordBytes} bytes, and keep larger things elsewhere`)
  return bytes
}

/** @throws RECORD_NOT_WRITABLE if UTF-8 cannot encode the name of a header */
export function encodedName(name: unknown): Buffer {
  if (typeof name === 'string' && name.isWellFormed()) return Buffer.from(name, 'utf8')
  return refuse('the name of a header is not a string that UTF-8 can encode', 'a string without half a surrogate pair')
}

function sizeOf(what: string, bytes: unknown): number {
  if (bytes === null) return 0
  if (bytes instanceof Uint8Array) return bytes.length
  return refuse(`its ${what} is of type ${typeof bytes}`, 'bytes, or null')
}

function refuse(what: string, hint: string): never {
  throw new FatalError('RECORD_NOT_WRITABLE', `the record cannot be written to the log: ${what}`, {
    hint: `Give ${hint}. Use a codec for values of other types`,
  })
}
