/** What a Kafka sink writes through: a transaction session, or a plain one where nothing has to be exactly once. */
import type { BatchLimits, Lane } from './outbox.ts'

export interface KafkaSession {
  /** Rejects with Fatal TOPIC_MISSING where there is no such topic. */
  topic(name: string): Promise<TopicShape>
  /** A sink joins: a checkpoint is complete only when each sink that has joined has sealed it. */
  enlist(): Enlisted
}

export interface TopicShape {
  readonly partitions: number
  /** The largest batch that the brokers take for it (max.message.bytes); Infinity: not known. */
  readonly maxMessageBytes: number
}

/** One sink's part in the session. */
export interface Enlisted {
  lane(topic: string, partition: number, limits: BatchLimits): Lane
  /** What was appended so far is this sink's share of a checkpoint. Resolves when all sinks have sealed theirs and all is acked. */
  seal(): Promise<void>
}
