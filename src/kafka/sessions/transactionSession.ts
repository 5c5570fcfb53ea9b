/**
 * The transaction session: the two transactional ids of a shard, used in turn, with the ledger
 * entry as the last record of each transaction. Output, source offsets and decision commit or abort
 * together.
 *
 *   id 0:  takeover |                              | records of 2, entry 2, EndTxn |
 *   id 1:           | records of 1, entry 1, EndTxn |                        | records of 3 ...
 *
 * Two ids: with one, the next transaction would wait for the markers of the previous one. Exactly
 * two: a restart must know all ids to fence, so their number must not grow.
 */

import type { AttemptContext } from '../../attempt.ts'
import { planTopicName, transactionalId } from '../../checkpoint/names.ts'
import { sleep } from '../../clock.ts'
import type { LedgerSession } from '../../contracts/ledger.ts'
import { type Deferred, deferred } from '../../deferred.ts'
import type { CheckpointId } from '../../record.ts'
import type { KafkaCluster } from '../cluster.ts'
import type { LedgerHorizon } from '../ledger/ledgerHorizon.ts'
import { tellWeakness } from '../ledger/ledgerStrength.ts'
import { ledgerTopic } from '../ledger/ledgerTopic.ts'
import { stateTopic } from '../ledger/stateTopic.ts'
import { leaders as leadersOf } from '../nodes/leaders.ts'
import { apart } from '../sending/apart.ts'
import { outbox } from '../sending/outbox.ts'
import { type Producer, producer } from '../sending/producer.ts'
import { endsAttempt, sinkShare } from '../sending/shares.ts'
import { partitionCounts, topicShape } from '../sink/topicShape.ts'
import { lagGroups } from './lagGroups.ts'
import type { KafkaSession } from './session.ts'

export type TransactionSession = LedgerSession & KafkaSession

export interface TransactionOptions {
  /** Prefix of the transactional ids and of the ledger topic. */
  readonly prefix: string
  /** Transaction timeout, ms. */
  readonly transactionTimeout: number
  /** How far earlier attempts of this process have read the ledger. */
  readonly horizon?: LedgerHorizon
}

/**
 * How long an ending attempt may spend on aborting its transactions, ms; the next one fences them
 * anyway.
 */
const farewell = 500

export async function transactionSession(
  attempt: AttemptContext,
  cluster: KafkaCluster,
  { prefix, transactionTimeout, horizon }: TransactionOptions,
): Promise<TransactionSession> {
  const connections = await cluster.connect('transactions', attempt.tell)
  const leaders = leadersOf(attempt, connections)
  const ledger = ledgerTopic(attempt, cluster, connections, leaders, prefix, horizon)
  const decisions = [ledger.name, ...(attempt.planned ? [planTopicName(prefix, attempt.job)] : [])]
  const identity = (turn: number) => transactionalId(prefix, attempt.job, attempt.shard, turn)
  const [even, odd] = [0, 1].map((turn) =>
    producer(attempt, connections, leaders, { transactionalId: identity(turn), transactionTimeout, acks: -1 }),
  ) as [Producer, Producer]
  const inTurn = (checkpoint: CheckpointId): Producer => (checkpoint % 2 === 0 ? even : odd)

  const state = stateTopic({
    ...{ attempt, cluster, connections, leaders, prefix },
    send: (checkpoint, parcels) => inTurn(checkpoint).send(parcels),
    sendApart: apart(attempt, connections, leaders),
  })

  /** Sealed checkpoints that are not yet decided. */
  const undecided = new Map<CheckpointId, Deferred<void>>()
  const outgoing = outbox({
    clock: attempt.clock,
    credits: attempt.credits,
    signal: attempt.signal,
    fail: attempt.fail,
    // The id is free once the checkpoint before last, its previous user, is decided.
    ready: async (checkpoint) => undecided.get(checkpoint - 2)?.promise,
    send: (checkpoint, parcels) => inTurn(checkpoint).offer(parcels),
  })
  const sealing = new Map<CheckpointId, { sinks: number; readonly flushed: Deferred<void> }>()
  const groups = lagGroups(attempt, cluster)
  let sinks = 0
  let first: CheckpointId = 1

  function seal(checkpoint: CheckpointId): Promise<void> {
    const sealed = sealing.get(checkpoint) ?? { sinks: 0, flushed: deferred() }
    sealing.set(checkpoint, sealed)
    sealed.sinks += 1
    if (sealed.sinks === sinks) {
      sealing.delete(checkpoint)
      undecided.set(checkpoint, deferred())
      outgoing.flush(checkpoint).then(sealed.flushed.resolve)
    }
    return sealed.flushed.promise
  }

  async function close(): Promise<void> {
    await Promise.race([Promise.allSettled([even.abandon(), odd.abandon()]), sleep(attempt.clock, farewell)])
    await connections.close()
  }

  return {
    snapshots: state.storage,
    topic: (name, within) => topicShape(connections, leaders, name, within),
    partitions: (topics) => partitionCounts(leaders, topics),
    enlist(meter) {
      sinks += 1
      let sealed: CheckpointId | null = null
      const current = (): CheckpointId => (sealed === null ? first : sealed + 1)
      let refused = endsAttempt
      const share = sinkShare((record, checkpoint) => refused(record, checkpoint - first), meter)
      return {
        lane: (topic, partition, limits) => outgoing.lane(topic, partition, limits, current, share),
        settle: (then) => outgoing.settle(share, sealed ?? first - 1, then),
        onRefused(listener) {
          refused = listener
        },
        seal() {
          sealed = current()
          return seal(sealed)
        },
      }
    },
    async read() {
      const entry = await ledger.read('committed')
      state.seen(entry)
      return entry
    },
    async fence() {
      await bothDone([even.init(), odd.init()])
      const entry = await ledger.read('fenced')
      first = (entry?.checkpoint ?? 0) + 1
      outgoing.begin(first)
      state.begin(entry)
      return entry
    },
    async commit(entry, takeover, deciding) {
      const { checkpoint } = entry
      const using = takeover ? even : inTurn(checkpoint)
      if (takeover) await ledger.ensure()
      await ledger.prove(await using.send([ledger.parcel(takeover ? entry : state.located(entry))]))
      if (!takeover) {
        attempt.probe('ledger', checkpoint)
        for (const position of entry.positions) {
          const group = groups.get(position.source)
          if (group !== undefined && position.splits.length > 0) await using.commitOffsets(group, position)
        }
        attempt.probe('ending', checkpoint)
      }
      deciding?.()
      await using.commit()
      // Its state may have been written anew.
      if (takeover) state.begin(entry)
      if (takeover) for (const topic of decisions) tellWeakness(attempt, cluster, topic)
      undecided.get(checkpoint)?.resolve()
      undecided.delete(checkpoint)
    },
    close,
  }
}

/**
 * Waits for both, also if one fails: a request that goes on would fence what the next try has
 * begun.
 */
async function bothDone(fences: readonly [Promise<void>, Promise<void>]): Promise<void> {
  for (const one of await Promise.allSettled(fences)) if (one.status === 'rejected') throw one.reason
}
