/** Kafka's requests group partitions by topic; ours are flat lists. */
import type { TopicPartition } from './api.ts'
import type { Writer } from './writer.ts'

/** Groups items by topic; keeps the order of topics and items. */
export function byTopic<T extends TopicPartition>(items: readonly T[]): readonly (readonly [string, readonly T[]])[] {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(item.topic)
    if (group === undefined) groups.set(item.topic, [item])
    else group.push(item)
  }
  return [...groups]
}

/** Writes the array of topics: name, array of partitions by `write`, end. */
export function writeByTopic<T extends TopicPartition>(
  to: Writer,
  items: readonly T[],
  write: (item: T) => void,
): void {
  to.array(byTopic(items), ([topic, partitions]) => {
    to.string(topic)
    to.array(partitions, write)
    to.tags()
  })
}
