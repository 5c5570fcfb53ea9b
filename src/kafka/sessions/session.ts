/**
 * The connection of a Kafka sink to its brokers: a transaction session for exactly-once, a plain
 * one otherwise.
 */
import type { Meter } from '../../meter.ts'
import type { BatchLimits, Lane } from '../sending/outbox.ts'
import type { RefusedRecord } from '../sending/salvage.ts'

export interface KafkaSession {
  /**
   * Rejects with Fatal TOPIC_MISSING if the topic does not exist.
   * @param within wait for it, ms
   */
  topic(name: string, within?: number): Promise<TopicShape>
  /** Current partition counts of these topics; `topic` must have been called for each. */
  partitions(topics: readonly string[]): Promise<ReadonlyMap<string, number>>
  /**
   * Adds a sink: a checkpoint is complete only when every sink has sealed it.
   *
   * @param meter counts the bytes that it writes
   */
  enlist(meter?: Meter): Enlisted
}

export interface TopicShape {
  readonly partitions: number
  /** Retention by record timestamp, ms; undefined if unlimited or unknown. */
  readonly retention?: number | undefined
  /** Largest batch that the brokers accept (max.message.bytes); Infinity if unknown. */
  readonly maxMessageBytes: number
  /** Compression in which brokers keep the records; undefined: in that of the producer. */
  readonly compression?: string | undefined
}

/** One sink's part of the session. */
export interface Enlisted {
  lane(topic: string, partition: number, limits: BatchLimits): Lane
  /**
   * Ends this sink's share of a checkpoint. Resolves when all sinks have sealed theirs and all
   * records are acked.
   */
  seal(): Promise<void>
  /**
   * Sends the sealed records and calls back once each is acked or refused; callbacks run in call
   * order.
   */
  settle(then: () => void): void
  /**
   * Sets the listener for records refused because of their content. Without one, they end the
   * attempt.
   *
   * @param listener receives the record and the number of checkpoints sealed before its append
   */
  onRefused(listener: (record: RefusedRecord, sealed: number) => void): void
}
