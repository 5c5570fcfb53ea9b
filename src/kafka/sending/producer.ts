/**
 * One producer id and its state on the brokers: epoch, sequence numbers and open transaction.
 *
 *   init -> send send send -> commit -> send ...
 *
 * Uses transaction protocol v2 if the cluster supports it, v1 otherwise. In v2 (KIP-890) a
 * partition joins a transaction by being written to, and every transaction has its own epoch, so
 * that a late request of an earlier transaction is refused.
 *
 * A request whose answer is lost is sent again, since every request is idempotent:
 *
 *   Produce                  same bytes, same sequence: the broker recognises it (delivery.ts)
 *   AddPartitionsToTxn ...   sets; TxnOffsetCommit overwrites offsets with the same offsets
 *   InitProducerId           a fence fences again; with its own id and epoch, same answer (KIP-360)
 *   EndTxn                   v2: the epoch names the transaction, and the answer is its decision
 *                            v1: the epoch does not, so the decision needs a proof (`prove`)
 *
 * Only OK means committed. Any other result of a commit rejects and ends the attempt; the next
 * attempt finds the decision in the ledger.
 */
import type { AttemptContext } from '../../attempt.ts'
import type { SourcePosition } from '../../record.ts'
import type { BatchBuilder } from '../batch/batchBuilder.ts'
import { brokerError } from '../nodes/brokerErrors.ts'
import type { CallOptions, Connections } from '../nodes/connections.ts'
import { coordinators } from '../nodes/coordinators.ts'
import type { Leaders } from '../nodes/leaders.ts'
import { addOffsetsToTxn } from '../protocol/addOffsetsToTxn.ts'
import { addPartitionsToTxn } from '../protocol/addPartitionsToTxn.ts'
import { endTxn } from '../protocol/endTxn.ts'
import { initProducerId, type ProducerIdAnswer } from '../protocol/initProducerId.ts'
import { txnOffsetCommit } from '../protocol/txnOffsetCommit.ts'
import { type Ack, delivery, type HandedBack, type SealedBatch } from './delivery.ts'
import { plainId } from './plainId.ts'
import type { Verdict } from './salvage.ts'

export interface ProducerIdentity {
  /** null: no transactions. */
  readonly transactionalId: string | null
  /** How long a transaction may stay open before the cluster aborts it, ms. */
  readonly transactionTimeout: number
  /** -1: all in-sync replicas. 1: the leader only, without sequence numbers. */
  readonly acks: -1 | 1
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

/** The last epoch, reserved for fencing: no client may use it. */
const lastEpoch = 32_767
const concurrentTransactions = 51

/** Highest request versions of transaction protocol v1. */
const v1 = { produce: 11, txnOffsetCommit: 4, endTxn: 4 }

export function producer(
  attempt: Pick<AttemptContext, 'clock' | 'signal'>,
  connections: Connections,
  leaders: Leaders,
  { transactionalId, transactionTimeout, acks }: ProducerIdentity,
): Producer {
  const idempotent = acks === -1
  const implicit = connections.transactionVersion >= 2
  // Retrying longer is useless: the cluster aborts the transaction at its timeout.
  const limit = transactionalId === null ? undefined : transactionTimeout
  const versions = implicit ? {} : { maxVersion: v1.produce }
  const batches = delivery(attempt, connections, leaders, { transactionalId, acks, limit, versions })
  const sequences = new Map<string, number>()
  const joined = new Set<string>()
  let producerId = -1
  let producerEpoch = -1
  let open = false
  /** Coordinator that added partitions to the open transaction (v1). */
  let joinedAt = -1
  /** True if requests of this epoch may still be on their way to a coordinator. */
  let late = false
  const coordinator = coordinators(attempt, connections, limit, () => {
    late = true
  })
  const underway = new Set<Promise<unknown>>()

  /** Calls the transaction coordinator of this producer. */
  function coordinated<R extends { readonly errorCode: number }>(
    what: string,
    request: (node: number, id: string, options: CallOptions) => Promise<R>,
  ): Promise<R> {
    const id = transactionalId as string
    return coordinator.ask('transaction', id, what, (node, options) => request(node, id, options))
  }

  /**
   * @param claim -1 and -1: fences whoever has the id; own id and epoch: refused after a takeover
   */
  function ownId(claim: { readonly producerId: number; readonly producerEpoch: number }): Promise<ProducerIdAnswer> {
    const args = { transactionalId, transactionTimeout, ...claim }
    return coordinated('InitProducerId', (node, _, options) => connections.call(node, initProducerId, args, options))
  }

  async function init(): Promise<void> {
    if (!idempotent) return
    adopt(
      transactionalId === null
        ? await plainId(attempt, connections)
        : await ownId({ producerId: -1, producerEpoch: -1 }),
    )
    open = late = false
  }

  /**
   * A new epoch starts its own sequence numbers; in protocol v1 the next transaction of the same
   * epoch continues them.
   */
  function adopt(given: Pick<ProducerIdAnswer, 'producerId' | 'producerEpoch'>): void {
    joined.clear()
    if (given.producerId === producerId && given.producerEpoch === producerEpoch) return
    producerId = given.producerId
    producerEpoch = given.producerEpoch
    sequences.clear()
  }

  async function send(parcels: readonly Parcel[]): Promise<readonly Ack[]> {
    if (transactionalId !== null && !implicit) await join(parcels)
    return batches.deliver(parcels.map(seal))
  }

  async function offer(parcels: readonly Parcel[]): Promise<readonly RefusedParcel[]> {
    if (transactionalId !== null && !implicit) await join(parcels)
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
    const records = builder.finish({ producerId, producerEpoch, baseSequence, transactional })
    return { topic, partition, records, baseSequence }
  }

  /**
   * Protocol v1: the coordinator must know the partitions of a transaction before the first write.
   */
  async function join(parcels: readonly Parcel[]): Promise<void> {
    const fresh = parcels.filter(({ topic, partition }) => !joined.has(`${topic}/${partition}`))
    if (fresh.length === 0) return
    await coordinated('AddPartitionsToTxn', async (node, id, options) => {
      const partitions = fresh.map(({ topic, partition }) => ({ topic, partition }))
      const args = { transactionalId: id, producerId, producerEpoch, partitions }
      joinedAt = node
      return firstError(await connections.call(node, addPartitionsToTxn, args, options))
    })
    for (const { topic, partition } of fresh) joined.add(`${topic}/${partition}`)
  }

  async function commitOffsets(groupId: string, { splits }: SourcePosition): Promise<void> {
    if (!implicit) {
      await coordinated('AddOffsetsToTxn', (node, id, options) =>
        connections.call(node, addOffsetsToTxn, { transactionalId: id, producerId, producerEpoch, groupId }, options),
      )
    }
    const versions = implicit ? {} : { maxVersion: v1.txnOffsetCommit }
    await coordinator.ask('group', groupId, `TxnOffsetCommit of group ${groupId}`, async (node, options) => {
      const args = { transactionalId: transactionalId as string, groupId, producerId, producerEpoch, offsets: splits }
      return firstError(await connections.call(node, txnOffsetCommit, args, { ...versions, ...options }))
    })
  }

  async function endTransaction(node: number, committed: boolean, options?: CallOptions): Promise<ProducerIdAnswer> {
    const args = { transactionalId: transactionalId as string, producerId, producerEpoch, committed }
    const versions = implicit ? {} : { maxVersion: v1.endTxn }
    const answer = await connections.call(node, endTxn, args, { ...versions, ...options })
    // The last epoch is reserved for fencing. If EndTxn is asked again once the markers are
    // written, the coordinator answers with another producer id.
    return answer.producerEpoch === lastEpoch ? { ...answer, errorCode: concurrentTransactions } : answer
  }

  async function commit(): Promise<void> {
    const asked: number[] = []
    const answer = await coordinated('EndTxn', (node, _, options) => {
      asked.push(node)
      return endTransaction(node, true, options)
    })
    const plain = asked.length === 1 && asked[0] === joinedAt && !late
    adopt(implicit || plain ? answer : await prove())
    open = late = false
  }

  /**
   * Proves a commit in protocol v1, where all transactions of an epoch look alike. After a doubt,
   * an OK may come from a replaced coordinator and be about the previous transaction; and a request
   * that is still on its way could end the next transaction. Claiming a fresh epoch with the old
   * one settles both: the true coordinator writes it to the transaction log, and only if no
   * transaction is open. This producer aborts nothing at that epoch, and anyone else who aborts its
   * transaction raises the epoch: so the transaction is committed.
   */
  function prove(): Promise<ProducerIdAnswer> {
    return ownId({ producerId, producerEpoch })
  }

  /**
   * In protocol v1 a late batch could arrive after the end and open a transaction that nobody ends,
   * so this waits for requests in flight and gives up while any is in doubt; v2 refuses a late
   * batch. It must not use InitProducerId, which would also abort a transaction opened by a newer
   * producer.
   */
  async function abandon(): Promise<void> {
    if (transactionalId === null || !open) return
    if (!implicit) await Promise.allSettled(underway)
    if (!implicit && (late || batches.doubtful > 0)) return
    const node = await coordinator.find('transaction', transactionalId)
    const answer = await endTransaction(node, false)
    if (answer.errorCode !== 0) throw brokerError(answer.errorCode, 'EndTxn', {})
    adopt(answer)
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
      return sending(commitOffsets(groupId, position))
    },
    commit,
    abandon,
  }
}

/** Sequence numbers wrap after 2^31 - 1, as brokers expect. */
function nextSequence(sequence: number, count: number): number {
  return (sequence + count) % 2 ** 31
}

function firstError(partitions: readonly { readonly errorCode: number }[]): { readonly errorCode: number } {
  return partitions.find(({ errorCode }) => errorCode !== 0) ?? { errorCode: 0 }
}
