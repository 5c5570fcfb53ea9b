/**
 * Encodes each value of state when it is set. A value that does not encode, such as NaN in JSON, is
 * otherwise found at the next barrier, when nobody knows which record it came from. `get` hands out
 * copies, so a value that was changed in place and then refused is not changed in the table.
 *
 * Each access costs an encoding and a decoding. Operators do this only after an attempt has ended
 * because of such a value (job/execution.ts): then the record at fault is found, and `onError`
 * decides about it.
 */
import { Buffer } from 'node:buffer'
import { FatalError, toError } from '../errors.ts'
import type { Key, OperatorId } from '../record.ts'
import type { Serde } from '../serde/serde.ts'
import type { MapTable } from './mapTable.ts'
import type { OperatorStore } from './store.ts'
import type { ValueTable } from './valueTable.ts'

/** Wraps a store so that its tables encode at once. */
export function proving(store: OperatorStore, operator: OperatorId): OperatorStore {
  return {
    values: (name, spec) => provingValues(store.values(name, spec), proof(operator, spec.serde)),
    maps: (name, spec) => provingMaps(store.maps(name, spec), proof(operator, spec.serde)),
    onLoaded: store.onLoaded,
    snapshot: store.snapshot,
  }
}

interface Proof<V> {
  /** Throws Fatal STATE_NOT_ENCODABLE that blames the record at hand. */
  encoded(value: V): Uint8Array | null
  copy(value: V | undefined): V | undefined
}

function proof<V>(operator: OperatorId, serde: Serde<V>): Proof<V> {
  const encoded = (value: V): Uint8Array | null => {
    try {
      return serde.encode(value)
    } catch (thrown) {
      throw new FatalError('STATE_NOT_ENCODABLE', `the new state cannot be encoded: ${toError(thrown).message}`, {
        where: { operator },
        hint: 'Return values that the codec of the state accepts, or set `onError`',
        cause: thrown,
        badRecord: true,
      })
    }
  }
  return {
    encoded,
    copy(value) {
      if (value === undefined) return undefined
      const bytes = encoded(value)
      return serde.decode(bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    },
  }
}

function provingValues<K extends Key, V>(table: ValueTable<K, V>, { encoded, copy }: Proof<V>): ValueTable<K, V> {
  return {
    get size() {
      return table.size
    },
    get: (key) => copy(table.get(key)),
    keys: table.keys,
    delete: table.delete,
    set(key, value) {
      encoded(value)
      table.set(key, value)
    },
  }
}

function provingMaps<K extends Key, S extends Key, V>(
  table: MapTable<K, S, V>,
  { encoded, copy }: Proof<V>,
): MapTable<K, S, V> {
  return {
    get size() {
      return table.size
    },
    get: (key, sub) => copy(table.get(key, sub)),
    has: table.has,
    count: table.count,
    subs: table.subs,
    keys: table.keys,
    delete: table.delete,
    clear: table.clear,
    set(key, sub, value) {
      encoded(value)
      table.set(key, sub, value)
    },
  }
}
