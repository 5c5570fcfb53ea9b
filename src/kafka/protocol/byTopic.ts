/** Kafka's requests list partitions under their topics; ours are flat. */
import type { TopicPartition } from './api.ts'
import type { Writer } from './writer.ts'

/** The items under their topics, topics and items in the order in which they came. */
export function byTopic<T extends TopicPartition>(items: readonly T[]): readonly (readonly [string, readonly T[]])[] {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(item.topic)
    if (group === undefined) groups.set(item.topic, [item])
    else group.push(item)
  }
  return [...groups]
}

/** Writes the array of topics: name, array of `write`n partitions, end. */
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
