import type { KeyPartitions } from '../keySlots.ts'
import type { Serde } from '../serde/serde.ts'
import { keyBytes } from './encodeKey.ts'
import { partitionOfKey } from './partitioner.ts'

/**
 * Spread of keys over a topic that is written as Kafka's producers write it.
 *
 * @param serde of the keys; undefined: their default bytes
 */
export function keyPartitions(serde: Serde<unknown> | undefined, partitions: number): KeyPartitions {
  return {
    partitions,
    partitionOf(key) {
      const bytes = keyBytes(serde, key)
      if (bytes === null) throw new TypeError('a key without bytes is in no partition')
      return partitionOfKey(bytes, partitions)
    },
  }
}
