/**
 * A set of connections to the brokers of one cluster: what everything else in here talks through.
 * Each user has a set of its own, so that a fetch never stands in the way of a transaction.
 *
 * It sends what it is given, once. Whether to try again is up to the caller, who alone knows what a
 * second time would do.
 */
import type { Api } from '../protocol/api.ts'
import type { CoordinatorType } from '../protocol/findCoordinator.ts'
import type { Metadata } from '../protocol/metadata.ts'

export type { Api, TopicPartition } from '../protocol/api.ts'
export type { CoordinatorType } from '../protocol/findCoordinator.ts'
export type { BrokerAddress, Metadata, PartitionMetadata, TopicMetadata } from '../protocol/metadata.ts'

export interface CallOptions {
  /**
   * How long to wait for the answer, ms; default: the cluster's requestTimeout, and what the broker
   * may hold it back on top.
   */
  readonly timeout?: number
  /** The newest version that may be used. */
  readonly maxVersion?: number
  /**
   * Aborted when its answer is not waited for any more: the connection is dropped, with what else
   * is under way on it, and it is not sent if it was not yet. Dropped connections reject with
   * CONNECTION_LOST.
   */
  readonly givenUp?: AbortSignal
}

export interface Connections {
  /** For messages: "transactions". */
  readonly name: string
  /** ms */
  readonly requestTimeout: number
  /**
   * The finalized feature transaction.version of the cluster: 2 is transaction protocol v2, below
   * is v1.
   */
  readonly transactionVersion: number
  /**
   * Sends one request, once. Calls to one node go out in the order in which they were made (Fetch
   * apart from the rest: it has a socket of its own). Connects, reconnects and authenticates as
   * needed.
   *
   * Rejects with Retriable: CONNECTION_FAILED (certainly never sent; also where this one broker
   * refuses the login or its certificate is not trusted), CONNECTION_LOST, CONNECTION_CLOSED or
   * REQUEST_TIMEOUT (outcome unknown), NODE_UNKNOWN or, for 'any', BROKERS_UNREACHABLE (never
   * sent); with Fatal: BROKER_UNSUITABLE; for 'any', where all brokers say so:
   * AUTHENTICATION_FAILED, TLS_FAILED.
   */
  call<A, R>(node: number | 'any', api: Api<A, R>, args: A, options?: CallOptions): Promise<R>
  /**
   * Asks the cluster, each time another broker first, and learns from the answer where its nodes
   * are. Errors of topics are in the answer. Rejects with Retriable BROKERS_UNREACHABLE where no
   * broker answers.
   */
  metadata(topics: readonly string[]): Promise<Metadata>
  /**
   * The node id of the coordinator; remembered until `forgetCoordinator`. Rejects with the broker's
   * error.
   */
  coordinator(type: CoordinatorType, key: string): Promise<number>
  forgetCoordinator(type: CoordinatorType, key: string): void
  /**
   * Ends everything at once, also what hangs in a long poll: calls that are under way reject with
   * CONNECTION_CLOSED.
   */
  close(): Promise<void>
}
