/**
 * The brokers of a simulated cluster: they answer the requests of src/kafka/protocol, each node for what it leads and coordinates.
 * No network in here (network/): a request is handled the moment it arrives; what takes its time are markers and long polls.
 */
import type { Agenda } from '../core/agenda.ts'
import type { Random } from '../core/random.ts'
import type { Trace } from '../core/trace.ts'
import { controller } from './controller.ts'
import { fetchHandler } from './fetchHandler.ts'
import { groupHandlers } from './groupHandlers.ts'
import { groups } from './groups.ts'
import type { Arrived, Handler, Refuses, Shared } from './handler.ts'
import { writeMarkers } from './markers.ts'
import type { Moods } from './moods.ts'
import { offsetsHandler } from './offsetsHandler.ts'
import { produceHandler } from './produceHandler.ts'
import { topology } from './topology.ts'
import { transactionHandlers } from './transactionHandlers.ts'
import { statesOf, type Transaction, transactions } from './transactions.ts'

export interface Brokers {
  readonly shared: Shared
  handle(api: number, request: Arrived, reply: (answer: unknown) => void): void
}

export interface BrokersParts {
  readonly agenda: Agenda
  readonly random: Random
  readonly trace: Trace
  readonly moods: Moods
  readonly nodes: number
  /** min.insync.replicas; default 1. */
  readonly minIsr?: number
  /** The epoch that a new transactional id is at; default -1: none yet. */
  readonly firstEpoch?: () => number
  /** Leaders ask the coordinator in protocol v1, too, whether a batch belongs to a transaction (Kafka 3.6); default true. */
  readonly verifies?: boolean
  /** How long the first round of an empty group waits for newcomers, ms; default 3,000, as brokers do. */
  readonly groupDelay?: number
  /** Why a leader refuses what is in a batch for this topic, before it looks at anything else of it; default: it does not. */
  refuses?: Refuses
  /** Sees each decision as it is made: before any marker is written. */
  decided(transaction: Transaction, committed: boolean): void
}

export function brokers(parts: BrokersParts): Brokers {
  const { agenda, random, trace, moods } = parts
  const listeners = new Set<() => boolean>()
  let lastProducerId = 1_000
  const newProducerId = (): number => ++lastProducerId

  const progressed = (): void => {
    for (const listener of listeners) if (listener()) listeners.delete(listener)
  }
  const nodes = topology(parts.nodes, parts.minIsr)

  const shared: Shared = {
    ...{ agenda, random, trace, moods, newProducerId, progressed },
    refuses: parts.refuses ?? (() => null),
    topology: nodes,
    verifies: parts.verifies ?? true,
    groupsAway: false,
    transactionsAway: false,
    controller: controller(nodes, random, progressed, () => statesOf(shared.transactions)),
    groups: groups(),
    transactions: transactions({
      now: agenda.now,
      newProducerId,
      firstEpoch: parts.firstEpoch ?? (() => -1),
      decided(transaction, committed, places, done) {
        trace.note(
          () => `coordinator: ${transaction.id} ${committed ? 'commits' : 'aborts'}, epoch ${transaction.epoch}`,
        )
        parts.decided(transaction, committed)
        writeMarkers(shared, transaction, committed, places, done)
      },
    }),
    onProgress: (listener) => void listeners.add(listener),
  }

  const handlers = new Map<number, Handler>([
    [0, produceHandler(shared)],
    [1, fetchHandler(shared)],
    ...offsetsHandler(shared),
    ...transactionHandlers(shared),
    ...groupHandlers(shared, parts.groupDelay ?? 3_000),
  ])

  return {
    shared,
    handle(api, request, reply) {
      const handler = handlers.get(api)
      if (handler === undefined) throw new Error(`the simulated broker does not know api ${api}`)
      handler(request, reply)
    },
  }
}
