/**
 * One producer id and its state on the brokers: epoch, sequence numbers and open transaction.
 *
 *   init -> send send send -> commit -> send ...
 *
 * Speaks transaction protocol v2 if the cluster supports it, v1 otherwise
 * (transactionRequests.ts). A Produce request whose answer is lost is sent again: same bytes, same
 * sequence number, so the broker recognises it (delivery.ts).
 *
 * Only OK means committed. Any other result of a commit rejects and ends the attempt; the next
 * attempt finds the decision in the ledger.
 */
import type { AttemptContext } from '../../attempt.ts'
import type { SourcePosition } from '../../record.ts'
import type { BatchBuilder } from '../batch/batchBuilder.ts'
import type { Connections } from '../nodes/connections.ts'
import type { Leaders } from '../nodes/leaders.ts'
import { type Ack, delivery, type HandedBack, type SealedBatch } from './delivery.ts'
import { plainId } from './plainId.ts'
import type { Verdict } from './salvage.ts'
import { type ProducerEpoch, type TransactionRequests, transactionRequests, v1 } from './transactionRequests.ts'

export interface ProducerIdentity {
  /** null: no transactions. */
  readonly transactionalId: string | null
  /** How long a transaction may stay open before the cluster aborts it, ms. */
  readonly transactionTimeout: number
  /** -1: all in-sync replicas. 1: the leader only, without sequence numbers. */
  readonly acks: -1 | 1
  /** How long a batch is sent again, ms. Default: `transactionTimeout`, without one 30,000. */
  readonly limit?: number
}

/**
 * A batch to send: its destination, and the builder that encodes it once its sequence number is
 * known.
 */
export interface Parcel {
  readonly topic: string
  readonly partition: number
  readonly builder: BatchBuilder
}

/** A batch refused because of its content; nothing of it is in the log. */
export interface RefusedParcel extends Verdict {
  readonly batch: Parcel
}

export interface Producer {
  /**
   * Obtains a fresh epoch. With a transactional id: aborts its open transaction and fences every
   * earlier producer.
   */
  init(): Promise<void>
  /**
   * Resolves when every parcel is acked, or refused because of its content; returns the refused
   * ones. At most one parcel per partition. Opens a transaction if none is open. The sequence
   * numbers of a refused parcel are used again for the records that remain of it.
   */
  offer(parcels: readonly Parcel[]): Promise<readonly RefusedParcel[]>
  /** Like `offer`, but rejects if a parcel is refused; returns the acks. */
  send(parcels: readonly Parcel[]): Promise<readonly Ack[]>
  /** Adds consumer-group offsets to the transaction. */
  commitOffsets(groupId: string, position: SourcePosition): Promise<void>
  /** Commits the transaction. Resolves only when the commit is certain. */
  commit(): Promise<void>
  /**
   * Aborts the open transaction, so that readers need not wait for its timeout. Best effort: the
   * next fence would do the same. If another producer has taken the id over, rejects without
   * disturbing it. Only `init` is allowed afterwards.
   */
  abandon(): Promise<void>
}

export function producer(
  attempt: Pick<AttemptContext, 'clock' | 'signal'>,
  connections: Connections,
  leaders: Leaders,
  { transactionalId, transactionTimeout, acks, ...identity }: ProducerIdentity,
): Producer {
  const idempotent = acks === -1
  // Retrying longer is useless: the cluster aborts the transaction at its timeout.
  const limit = identity.limit ?? (transactionalId === null ? undefined : transactionTimeout)
  const implicit = connections.transactionVersion >= 2
  const versions = implicit ? {} : { maxVersion: v1.produce }
  const batches = delivery(attempt, connections, leaders, { transactionalId, acks, limit, versions })
  const transactions =
    transactionalId === null ? null : transactionRequests(attempt, connections, { transactionalId, transactionTimeout })
  const sequences = new Map<string, number>()
  let own: ProducerEpoch = { producerId: -1, producerEpoch: -1 }
  let open = false
  const underway = new Set<Promise<unknown>>()

  async function init(): Promise<void> {
    if (!idempotent) return
    adopt(transactions === null ? await plainId(attempt, connections) : await transactions.fence())
    open = false
  }

  /**
   * A new epoch starts its own sequence numbers; in protocol v1 the next transaction of the same
   * epoch continues them.
   */
  function adopt({ producerId, producerEpoch }: ProducerEpoch): void {
    if (producerId === own.producerId && producerEpoch === own.producerEpoch) return
    own = { producerId, producerEpoch }
    sequences.clear()
  }

  async function send(parcels: readonly Parcel[]): Promise<readonly Ack[]> {
    if (transactions !== null && !implicit) await transactions.join(own, parcels)
    return batches.deliver(parcels.map(seal))
  }

  async function offer(parcels: readonly Parcel[]): Promise<readonly RefusedParcel[]> {
    if (transactions !== null && !implicit) await transactions.join(own, parcels)
    const sealed = parcels.map(seal)
    const back: HandedBack[] = []
    await batches.deliver(sealed, back)
    return sealed.flatMap(({ topic, partition, baseSequence }, at) => {
      const refused = back.find(({ batch }) => batch === sealed[at])
      if (refused === undefined) return []
      // Nothing of the batch was appended, and no later batch of its partition was sent.
      if (idempotent) sequences.set(`${topic}/${partition}`, baseSequence)
      return [{ ...refused, batch: parcels[at] as Parcel }]
    })
  }

  /** Encodes the batch with the next sequence number of its partition. */
  function seal({ topic, partition, builder }: Parcel): SealedBatch & { readonly baseSequence: number } {
    const place = `${topic}/${partition}`
    const baseSequence = idempotent ? (sequences.get(place) ?? 0) : -1
    if (idempotent) sequences.set(place, nextSequence(baseSequence, builder.count))
    const transactional = transactionalId !== null
    const records = builder.finish({ ...own, baseSequence, transactional })
    return { topic, partition, records, baseSequence }
  }

  async function commit(): Promise<void> {
    adopt(await needed().commit(own))
    open = false
  }

  /** Only a producer with a transactional id has transactions. */
  function needed(): TransactionRequests {
    return transactions as TransactionRequests
  }

  /**
   * In protocol v1 a late batch could arrive after the end and open a transaction that nobody ends,
   * so this waits for requests in flight and gives up while any is in doubt; v2 refuses a late
   * batch. It must not use InitProducerId, which would also abort a transaction opened by a newer
   * producer.
   */
  async function abandon(): Promise<void> {
    if (transactions === null || !open) return
    if (!implicit) await Promise.allSettled(underway)
    if (!implicit && (transactions.late || batches.doubtful > 0)) return
    adopt(await transactions.abort(own))
    open = false
  }

  /** Tracks a request in flight. */
  function sending<R>(work: Promise<R>): Promise<R> {
    underway.add(work)
    const done = () => void underway.delete(work)
    work.then(done, done)
    return work
  }

  return {
    init,
    offer(parcels) {
      open = true
      return sending(offer(parcels))
    },
    send(parcels) {
      open = true
      return sending(send(parcels))
    },
    commitOffsets(groupId, position) {
      open = true
      return sending(needed().commitOffsets(own, groupId, position))
    },
    commit,
    abandon,
  }
}

/** Sequence numbers wrap after 2^31 - 1, as brokers expect. */
function nextSequence(sequence: number, count: number): number {
  return (sequence + count) % 2 ** 31
}
