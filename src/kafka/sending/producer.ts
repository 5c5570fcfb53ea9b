/**
 * One producer id and its state at the brokers: epoch, sequence numbers, open transaction.
 *
 *     init -> send send send -> commit -> send ...
 *
 * It speaks transaction protocol v2 if the cluster has it, otherwise v1. In v2 (KIP-890) a
 * partition joins a transaction by being written to, and every transaction has an epoch of its own,
 * so a late request of an earlier one is refused.
 *
 * A request whose answer is lost is sent again, since each has the same effect when applied twice:
 *
 *     Produce                  same bytes, same sequence: the broker recognises it (delivery.ts)
 *     AddPartitionsToTxn ...   sets; TxnOffsetCommit overwrites offsets with the same ones
 *     InitProducerId           a fence fences again; with its own id and epoch it gets its first answer
 *                              again (KIP-360)
 *     EndTxn                   v2: the epoch names the transaction; the answer is its decision
 *                              v1: the epoch does not, so the decision needs a proof (`prove`)
 *
 * Only OK means committed. Every other end of a commit rejects and ends the attempt; the ledger
 * knows the rest.
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
  /** ms; how long a transaction may stay open before the cluster aborts it. */
  readonly transactionTimeout: number
  /** -1: all in-sync replicas; 1: the leader, and no sequence numbers. */
  readonly acks: -1 | 1
}

/** A batch to be sent: to where, and who encodes it once its sequence number is known. */
export interface Parcel {
  readonly topic: string
  readonly partition: number
  readonly builder: BatchBuilder
}

/** A batch that is refused for what is in it, and of which nothing is in the log. */
export interface RefusedParcel extends Verdict {
  readonly batch: Parcel
}

export interface Producer {
  /**
   * Gets a fresh epoch. With a transactional id: aborts its open transaction, and fences its users.
   */
  init(): Promise<void>
  /**
   * Resolves when every parcel is acked, or refused for what is in it, with the latter; at most one
   * a partition. Opens a transaction where none is open. What is made of a refused parcel gets the
   * sequence numbers that it would have had.
   */
  offer(parcels: readonly Parcel[]): Promise<readonly RefusedParcel[]>
  /** As `offer`, but rejects if a parcel is refused; resolves with the acks. */
  send(parcels: readonly Parcel[]): Promise<readonly Ack[]>
  /** Adds consumer-group offsets to the transaction. */
  commitOffsets(groupId: string, position: SourcePosition): Promise<void>
  /** Commits the transaction. Resolves only when it is certain that it is committed. */
  commit(): Promise<void>
  /**
   * Aborts what may be open, so that readers do not have to wait until it times out. Best effort: a
   * fence would do the same. Rejects, and disturbs nobody, where somebody else has taken the id
   * over. Afterwards only `init` makes sense.
   */
  abandon(): Promise<void>
}

/** No client may use it. */
const lastEpoch = 32_767
const concurrentTransactions = 51

/** The last versions of transaction protocol v1. */
const v1 = { produce: 11, txnOffsetCommit: 4, endTxn: 4 }

export function producer(
  attempt: Pick<AttemptContext, 'clock' | 'signal'>,
  connections: Connections,
  leaders: Leaders,
  { transactionalId, transactionTimeout, acks }: ProducerIdentity,
): Producer {
  const idempotent = acks === -1
  const implicit = connections.transactionVersion >= 2
  // A transaction that takes longer is aborted by the cluster anyway.
  const limit = transactionalId === null ? undefined : transactionTimeout
  const versions = implicit ? {} : { maxVersion: v1.produce }
  const batches = delivery(attempt, connections, leaders, { transactionalId, acks, limit, versions })
  const sequences = new Map<string, number>()
  const joined = new Set<string>()
  let producerId = -1
  let producerEpoch = -1
  let open = false
  /** The coordinator that has added partitions to the open transaction (v1). */
  let joinedAt = -1
  /** Requests of this epoch to a coordinator may still be on their way. */
  let late = false
  const coordinator = coordinators(attempt, connections, limit, () => {
    late = true
  })
  const underway = new Set<Promise<unknown>>()

  /** Asks the coordinator of this producer's transactions. */
  function coordinated<R extends { readonly errorCode: number }>(
    what: string,
    request: (node: number, id: string, options: CallOptions) => Promise<R>,
  ): Promise<R> {
    const id = transactionalId as string
    return coordinator.ask('transaction', id, what, (node, options) => request(node, id, options))
  }

  /**
   * @param claim -1 and -1: whoever has the id, is fenced; its own: refused where somebody else has
   *   it by now
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
   * A new epoch has its own sequence numbers; a transaction of the same epoch, in protocol v1, goes
   * on with them.
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
      // Nothing of it was appended, and nothing after it in its partition was sent.
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
    // The last epoch is for fencing: asked again once the markers are written, the coordinator
    // names another producer id.
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
   * In protocol v1 all transactions of an epoch look alike. So an OK after a doubt may be about the
   * one before, from a coordinator that has been replaced and does not know it; and a request that
   * is still on its way could end the next one. A fresh epoch that is claimed with the old one
   * settles both: it is written to the transaction log, by the true coordinator, and given only
   * where nothing is open. Since this producer aborts nothing at that epoch, and whoever else
   * aborts its transaction raises the epoch, it is committed then.
   */
  function prove(): Promise<ProducerIdAnswer> {
    return ownId({ producerId, producerEpoch })
  }

  /**
   * In protocol v1 a batch that is still on its way could come after the end, and open a
   * transaction that nobody ever ends; v2 refuses it. Not by InitProducerId: that one aborts
   * whatever is open under the producer id, also what a newer producer has opened.
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

  /** Notes what is on its way. */
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

/** Sequence numbers wrap after 2^31 - 1, as the brokers expect. */
function nextSequence(sequence: number, count: number): number {
  return (sequence + count) % 2 ** 31
}

function firstError(partitions: readonly { readonly errorCode: number }[]): { readonly errorCode: number } {
  return partitions.find(({ errorCode }) => errorCode !== 0) ?? { errorCode: 0 }
}
