/** Map from splits, by topic and partition, since not every reader uses one object per split. */
import type { Split } from '../record.ts'

export interface SplitTable<V> {
  get(split: Split): V | undefined
  set(split: Split, value: V): void
}

export function splitTable<V>(): SplitTable<V> {
  const topics = new Map<string, Map<number, V>>()
  return {
    get: ({ topic, partition }) => topics.get(topic)?.get(partition),
    set({ topic, partition }, value) {
      const partitions = topics.get(topic) ?? new Map<number, V>()
      topics.set(topic, partitions.set(partition, value))
    },
  }
}
