/** What an example runs on: topics of Kafka or of the embedded log, by name. */
import type { Codec, RepartitionTopic, Source, TransactionalSink } from 'rxweft'

/** Source and sink of topics with these names. */
export interface Ends {
  source<T>(topic: string, value: Codec<T>): Source<T>
  sink<T>(topic: string, value: Codec<T>): TransactionalSink<T>
}

/** A topic in the middle of a job. */
export interface RepartitionOptions<T, K> {
  readonly name: string
  readonly partitions: number
  readonly key: Codec<K>
  readonly value: Codec<T>
}

export interface RepartitionEnds extends Ends {
  topic<T, K>(options: RepartitionOptions<T, K>): RepartitionTopic<T, K>
}

/** How a source ends; undefined: it never ends. */
export type Until = 'latest' | undefined

export interface Written {
  /** ms since the epoch */
  readonly timestamp: number
  readonly value: string
}

export interface Ground extends RepartitionEnds {
  /** @param until default: that of the ground */
  source<T>(topic: string, value: Codec<T>, until?: Until): Source<T>
  /** Creates the topic with one partition, unless it exists. */
  createTopics(topics: readonly string[]): Promise<void>
  isEmpty(topic: string): Promise<boolean>
  append(topic: string, records: readonly Written[]): Promise<void>
  close(): Promise<void>
}
