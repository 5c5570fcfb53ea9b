/**
 * What a Kafka sink writes through: a transaction session, or a plain one where nothing has to be
 * exactly once.
 */
import type { BatchLimits, Lane } from '../sending/outbox.ts'
import type { RefusedRecord } from '../sending/salvage.ts'

export interface KafkaSession {
  /**
   * Rejects with Fatal TOPIC_MISSING where there is no such topic.
   * @param within how long it may take to appear, ms
   */
  topic(name: string, within?: number): Promise<TopicShape>
  /**
   * Asks the cluster how many partitions these topics have by now, all of which `topic` was called
   * for.
   */
  partitions(topics: readonly string[]): Promise<ReadonlyMap<string, number>>
  /** A sink joins: a checkpoint is complete only when each sink that has joined has sealed it. */
  enlist(): Enlisted
}

export interface TopicShape {
  readonly partitions: number
  /**
   * How long records are kept, ms, by the timestamps that they are written with; undefined: for
   * ever, or it is not known.
   */
  readonly retention?: number | undefined
  /** The largest batch that the brokers take for it (max.message.bytes); Infinity: not known. */
  readonly maxMessageBytes: number
}

/** One sink's part in the session. */
export interface Enlisted {
  lane(topic: string, partition: number, limits: BatchLimits): Lane
  /**
   * What was appended so far is this sink's share of a checkpoint. Resolves when all sinks have
   * sealed theirs and all is acked.
   */
  seal(): Promise<void>
  /**
   * Sends what was sealed, and calls back once each record of it is acked or refused, in the order
   * of the calls.
   */
  settle(then: () => void): void
  /**
   * Who hears of the records that brokers refuse for what is in them. Without it they end the
   * attempt.
   * @param listener gets the record and how many checkpoints had been sealed before it was appended
   */
  onRefused(listener: (record: RefusedRecord, sealed: number) => void): void
}
