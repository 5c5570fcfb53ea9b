/**
 * The inverse of writeByTopic: reads an array of topics with their partitions into one flat list.
 */
import type { Reader } from './reader.ts'

/** @param read reads one partition, given the topic's name */
export function readByTopic<T>(from: Reader, read: (topic: string) => T): T[] {
  return from
    .array(() => {
      const topic = from.string()
      const partitions = from.array(() => read(topic))
      from.tags()
      return partitions
    })
    .flat()
}
