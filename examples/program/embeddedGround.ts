/** Runs an example on the embedded log: one file. */
import { type EmbeddedLog, embeddedLog, embeddedRepartition, embeddedSink, embeddedSource } from 'rxweft/embedded'
import type { Ground, Until } from './ends.ts'

export function embeddedGround(file: string, ending: Until): Ground {
  const log = embeddedLog(file)
  return {
    source: (topic, value, until = ending) => embeddedSource(log, { topic, value, until }),
    sink: (topic, value) => embeddedSink(log, { topic, value }),
    topic: (options) => embeddedRepartition(log, options),
    async createTopics(topics) {
      for (const topic of topics) if (partitionsOf(log, topic) === 0) log.createTopic(topic, { partitions: 1 })
    },
    async isEmpty(topic) {
      return Array.from({ length: partitionsOf(log, topic) }, (_, at) => log.end(topic, at)).every((end) => end === 0)
    },
    append: log.append,
    close: () => log.close(),
  }
}

/** 0 if there is no such topic. */
function partitionsOf(log: EmbeddedLog, topic: string): number {
  return log.topics().find(({ name }) => name === topic)?.partitions ?? 0
}
