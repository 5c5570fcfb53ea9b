/** What an example is run on: topics by their names, of Kafka or of the embedded log. */
import type { Codec, RepartitionTopic, Source, TransactionalSink } from 'rxweft'

/** Of topics with these names. */
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

/** How a source ends; undefined: it does not. */
export type Until = 'latest' | undefined

export interface Written {
  /** ms since the epoch */
  readonly timestamp: number
  readonly value: string
}

export interface Ground extends RepartitionEnds {
  /** @param until default: as the ground was made with */
  source<T>(topic: string, value: Codec<T>, until?: Until): Source<T>
  /** Where there is none of this name, with one partition. */
  createTopics(topics: readonly string[]): Promise<void>
  isEmpty(topic: string): Promise<boolean>
  append(topic: string, records: readonly Written[]): Promise<void>
  close(): Promise<void>
}
