/**
 * A set of connections to the brokers of one cluster, below everything else in this room. Each user
 * has a set of its own, so that a fetch never delays a transaction.
 *
 * Every request is sent once. Retrying is up to the caller, who alone knows what a second
 * application would do.
 */
import type { Api } from '../protocol/api.ts'
import type { CoordinatorType } from '../protocol/findCoordinator.ts'
import type { Metadata } from '../protocol/metadata.ts'

export type { Api, TopicPartition } from '../protocol/api.ts'
export type { CoordinatorType } from '../protocol/findCoordinator.ts'
export type { BrokerAddress, Metadata, PartitionMetadata, TopicMetadata } from '../protocol/metadata.ts'

export interface CallOptions {
  /**
   * Timeout of the answer, ms. Default: the cluster's requestTimeout, plus the time that the broker
   * may hold the answer back.
   */
  readonly timeout?: number
  /** Newest version that may be used. */
  readonly maxVersion?: number
  /**
   * Aborted when the caller no longer waits for the answer. A request not yet sent is not sent
   * then; a sent one breaks its connection, and everything in flight on it rejects with
   * CONNECTION_LOST.
   */
  readonly givenUp?: AbortSignal
}

export interface Connections {
  /** Name for messages: "transactions". */
  readonly name: string
  /** Default timeout, ms. */
  readonly requestTimeout: number
  /**
   * Finalized feature transaction.version of the cluster: 2 is transaction protocol v2, lower is
   * v1.
   */
  readonly transactionVersion: number
  /**
   * Sends one request, once. Requests to one node leave in call order (except Fetch, which has its
   * own socket). Connects, reconnects and authenticates as needed.
   *
   * Rejects with Retriable: CONNECTION_FAILED (certainly never sent; also if this one broker
   * refuses the login or its certificate is not trusted), CONNECTION_LOST, CONNECTION_CLOSED or
   * REQUEST_TIMEOUT (outcome unknown), NODE_UNKNOWN or, for 'any', BROKERS_UNREACHABLE (never
   * sent); with Fatal: BROKER_UNSUITABLE; for 'any', if all brokers agree: AUTHENTICATION_FAILED,
   * TLS_FAILED.
   */
  call<A, R>(node: number | 'any', api: Api<A, R>, args: A, options?: CallOptions): Promise<R>
  /**
   * Asks the cluster, starting at a different broker each time, and learns the nodes' addresses
   * from the answer. The answer carries errors of topics. Rejects with Retriable
   * BROKERS_UNREACHABLE if no broker answers.
   */
  metadata(topics: readonly string[]): Promise<Metadata>
  /**
   * Node id of the coordinator; cached until `forgetCoordinator`. Rejects with the broker's error.
   */
  coordinator(type: CoordinatorType, key: string): Promise<number>
  forgetCoordinator(type: CoordinatorType, key: string): void
  /**
   * Closes everything at once, long polls included: requests in flight reject with
   * CONNECTION_CLOSED.
   */
  close(): Promise<void>
}
