/**
 * The transaction session: one shard's two transactional ids, used in turn, with the ledger entry as the last record of each
 * transaction. Output, source offsets and decision commit or abort together.
 *
 *   id 0:  takeover |                              | records of 2, entry 2, EndTxn |
 *   id 1:           | records of 1, entry 1, EndTxn |                        | records of 3 ...
 *
 * Two, because the next transaction of one id has to wait until the markers of the last are written; fixed, because their number
 * must not grow, and a restart must know whom to fence.
 */
import type { LedgerEntry, LedgerSession } from '../checkpoint/ledger.ts'
import type { AttemptContext, CheckpointId, OperatorId } from '../element.ts'
import { type Deferred, deferred } from '../deferred.ts'
import { sleep } from '../clock.ts'
import type { KafkaCluster } from './cluster.ts'
import type { Connections } from './connections.ts'
import { type Leaders, leaders as leadersOf } from './leaders.ts'
import { type LedgerTopic, ledgerTopic } from './ledgerTopic.ts'
import { type Outbox, outbox } from './outbox.ts'
import { type Producer, producer } from './producer.ts'

export interface TransactionSession extends LedgerSession {
  readonly leaders: Leaders
  /** A sink joins: each of its checkpoints is complete only when this sink has sealed it. */
  enlist(): Enlisted
}

/** One sink's part in the session's transactions. */
export interface Enlisted {
  /** The checkpoint that the next record belongs to. */
  readonly checkpoint: CheckpointId
  readonly outbox: Outbox
  /** No more records for this sink's current checkpoint. Resolves when all sinks have sealed it and everything of it is acked. */
  seal(): Promise<void>
}

export interface TransactionOptions {
  /** What transactional ids and the ledger topic start with. */
  readonly prefix: string
  /** ms */
  readonly transactionTimeout: number
}

/** How long an attempt that ends may spend on aborting what it has open, ms; the next one would fence it anyway. */
const farewell = 500

export async function transactionSession(
  attempt: AttemptContext,
  cluster: KafkaCluster,
  { prefix, transactionTimeout }: TransactionOptions,
): Promise<TransactionSession> {
  const connections = await cluster.connect(`${attempt.job} transactions`)
  const leaders = leadersOf(connections)
  const ledger = ledgerTopic(attempt, cluster, connections, leaders, prefix)
  const producers = [0, 1].map((turn) =>
    producer(attempt, connections, leaders, {
      transactionalId: `${prefix}/${attempt.job}/${attempt.shard}/${turn}`,
      transactionTimeout,
      acks: -1,
    }),
  ) as [Producer, Producer]
  const groups = lagGroups(attempt, cluster)
  await ledger.ensure().catch(async (error) => {
    await connections.close()
    throw error
  })

  const inTurn = (checkpoint: CheckpointId): Producer => producers[checkpoint % 2 === 0 ? 0 : 1]
  const decided = new Map<CheckpointId, Deferred<void>>()
  const seals = new Map<CheckpointId, { count: number; flushed: Deferred<void> }>()
  let sinks = 0
  let first: CheckpointId = 1
  let outgoing: Outbox | undefined

  /** Its id is free once the checkpoint before last, which used it, is decided. */
  const ready = async (checkpoint: CheckpointId): Promise<void> => decided.get(checkpoint - 2)?.promise

  const outboxOfThisRun = (): Outbox => {
    outgoing ??= outbox({
      ...attempt,
      first,
      ready,
      send: (checkpoint, parcels) => inTurn(checkpoint).send(parcels),
    })
    return outgoing
  }

  function sealOne(checkpoint: CheckpointId): Promise<void> {
    const seal = seals.get(checkpoint) ?? { count: 0, flushed: deferred() }
    seals.set(checkpoint, seal)
    seal.count += 1
    if (seal.count === sinks) {
      seals.delete(checkpoint)
      decided.set(checkpoint, deferred())
      outboxOfThisRun().flush(checkpoint).then(seal.flushed.resolve, seal.flushed.reject)
    }
    return seal.flushed.promise
  }

  return {
    leaders,
    read: () => ledger.read('committed'),
    async fence() {
      for (const each of producers) await each.init()
      const entry = await ledger.read('fenced')
      first = (entry?.checkpoint ?? 0) + 1
      return entry
    },
    async commit(entry, takeover) {
      const { checkpoint } = entry
      const using = takeover ? producers[0] : inTurn(checkpoint)
      await using.send([ledger.parcel(entry)])
      if (!takeover) {
        attempt.probe('ledger', checkpoint)
        for (const position of entry.positions) {
          const group = groups.get(position.source)
          if (group !== undefined && position.splits.length > 0) await using.commitOffsets(group, position)
        }
        attempt.probe('ending', checkpoint)
      }
      await using.end(true)
      decided.get(checkpoint)?.resolve()
      decided.delete(checkpoint)
    },
    enlist() {
      sinks += 1
      let checkpoint = 0
      return {
        get checkpoint() {
          return checkpoint === 0 ? first : checkpoint
        },
        get outbox() {
          return outboxOfThisRun()
        },
        seal() {
          const sealed = checkpoint === 0 ? first : checkpoint
          checkpoint = sealed + 1
          return sealOne(sealed)
        },
      }
    },
    async close() {
      const aborts = Promise.allSettled(producers.map((each) => each.abandon()))
      await Promise.race([aborts, sleep(attempt.clock, farewell)])
      await connections.close()
    },
  }
}

/** Which consumer group stands for which source in lag tools: filled by the sources, read by the session of the same cluster. */
export function lagGroups(attempt: AttemptContext, cluster: KafkaCluster): Map<OperatorId, string> {
  return attempt.share(cluster, () => new Map<OperatorId, string>())
}
