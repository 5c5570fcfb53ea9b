/** Encoding and decoding of state values: of this version, or upgraded to it step by step. */
import { Buffer } from 'node:buffer'
import { CorruptedError, FatalError, RxweftError, toError, toRxweftError } from '../errors.ts'
import type { OperatorId } from '../record.ts'
import { shortcutsOf } from '../serde/shortcuts.ts'
import type { TableSpec } from './table.ts'

export interface OwnedSpec<V> extends TableSpec<V> {
  readonly operator: OperatorId
}

export interface StateCodec<V> {
  /**
   * Throws Fatal STATE_NOT_ENCODABLE without blaming a record: the record at fault may be long
   * past.
   */
  encode(value: V): Uint8Array | null
  /**
   * Like `encode`, but may return a short string itself, to be written in place by EntryWriter.put.
   */
  inPlace(value: V): Uint8Array | string | null
  /**
   * @param from version of the bytes. Throws Fatal STATE_TOO_NEW and MIGRATION_MISSING, Corrupted
   *   STATE_NOT_DECODABLE.
   */
  decode(bytes: Buffer | null, from: number): V
  /** The same for bytes within others; a negative end stands for null. */
  decodeAt(bytes: Buffer, at: number, end: number, from: number): V
}

/** Longer strings are encoded first: reserving three times their length would be too much. */
const short = 1_000

/** @param table for messages: its kind and its name */
export function stateCodec<V>(spec: OwnedSpec<V>, table: string): StateCodec<V> {
  const { operator, serde, version = 1 } = spec
  const { encodeText, decodeAt } = shortcutsOf(serde)
  return {
    inPlace(value) {
      try {
        if (encodeText === undefined) return serde.encode(value)
        const text = encodeText(value)
        return text === null || text.length <= short ? text : Buffer.from(text, 'utf8')
      } catch (thrown) {
        throw unencodable(operator, table, thrown)
      }
    },
    encode(value) {
      try {
        return serde.encode(value)
      } catch (thrown) {
        throw unencodable(operator, table, thrown)
      }
    },
    decode(bytes, from) {
      try {
        return upgraded(spec, table, bytes, from)
      } catch (thrown) {
        throw undecodable(operator, table, thrown)
      }
    },
    decodeAt(bytes, at, end, from) {
      try {
        if (end >= 0 && decodeAt !== undefined && from === version) return decodeAt(bytes, at, end)
        return upgraded(spec, table, end < 0 ? null : bytes.subarray(at, end), from)
      } catch (thrown) {
        throw undecodable(operator, table, thrown)
      }
    },
  }
}

function upgraded<V>(spec: OwnedSpec<V>, table: string, bytes: Buffer | null, from: number): V {
  const { operator, serde, version = 1, migrate } = spec
  if (from === version) return serde.decode(bytes)
  if (from > version) throw tooNew(operator, table, from, version)
  let value: unknown = serde.parse === undefined ? serde.decode(bytes) : serde.parse(bytes)
  for (let old = from; old < version; old++) {
    const upgrade = migrate?.[old]
    if (upgrade === undefined) throw missing(operator, table, old, version)
    value = upgrade(value as never)
  }
  // Encoded and decoded, so that results of migrations are checked like everything else.
  const encoded = serde.encode(value as V)
  return serde.decode(encoded === null ? null : Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength))
}

/** Rates an unreadable piece of a snapshot; an rxweft error keeps its consequence. */
export function undecodable(operator: OperatorId, table: string, thrown: unknown): RxweftError {
  return toRxweftError(thrown, (cause) => {
    return new CorruptedError('STATE_NOT_DECODABLE', `${shown(table)} cannot be decoded: ${cause.message}`, {
      where: { operator },
      hint: 'Use the codec that wrote it, or raise `version` and convert old values in `migrate`. Nothing was changed',
      cause,
    })
  })
}

/** Never blames the current record: skipping it would hide that the snapshot lacks something. */
function unencodable(operator: OperatorId, table: string, thrown: unknown): RxweftError {
  if (thrown instanceof RxweftError && !thrown.badRecord) return thrown
  const cause = toError(thrown)
  return new FatalError('STATE_NOT_ENCODABLE', `a value of ${shown(table)} cannot be encoded: ${cause.message}`, {
    where: { operator },
    hint: 'Return values that the codec of the state accepts. The checkpoint was not taken',
    cause,
  })
}

function tooNew(operator: OperatorId, table: string, from: number, version: number): FatalError {
  const what = `${shown(table)} has version ${from} in the snapshot, but the job knows versions up to ${version}`
  return new FatalError('STATE_TOO_NEW', what, {
    where: { operator },
    hint: 'Run the version of the job that wrote it, or a later one',
  })
}

function missing(operator: OperatorId, table: string, from: number, version: number): FatalError {
  const what = `${shown(table)} has version ${from} in the snapshot and version ${version} in the job, and no migration leads from one to the other`
  return new FatalError('MIGRATION_MISSING', what, {
    where: { operator },
    hint: `Set migrate: { ${from}: (old) => ... }, which returns a value of version ${from + 1}`,
  })
}

/** As in: the value "state", the map "seen". */
export function shown(table: string): string {
  const colon = table.indexOf(':')
  return `the ${table.slice(0, colon)} "${table.slice(colon + 1)}"`
}
