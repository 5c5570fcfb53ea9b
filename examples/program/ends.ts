/** What an example is run on: topics by their names, of Kafka or of the embedded log. */
import type { Codec, Source, TransactionalSink } from 'rxweft'

/** Of topics with these names. */
export interface Ends {
  source<T>(topic: string, value: Codec<T>): Source<T>
  sink<T>(topic: string, value: Codec<T>): TransactionalSink<T>
}

export interface Ground extends Ends {
  /** Where there is none of this name, with one partition. */
  createTopics(topics: readonly string[]): Promise<void>
  isEmpty(topic: string): Promise<boolean>
  append(topic: string, values: readonly string[]): Promise<void>
  close(): Promise<void>
}

/** How sources end; undefined: they do not. */
export type Until = 'latest' | undefined
