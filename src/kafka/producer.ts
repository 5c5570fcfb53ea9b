/**
 * One producer id and its place in the brokers' books: its epoch, its sequence numbers, and the transaction that it has open.
 *
 *   init -> send send send -> commit -> send ...
 *
 * It speaks transaction protocol v2 (KIP-890: a partition joins a transaction by being written to, and every transaction has an
 * epoch of its own, so that a late request of an earlier one is refused) where the cluster has it, v1 otherwise.
 *
 * What a broker has definitely refused is sent again: same bytes, same sequence. Whatever else goes wrong rejects and must end the
 * attempt: the outcome of such a request is unknown, and only the ledger can tell.
 */
import type { AttemptContext, SourcePosition } from '../element.ts'
import type { RxweftError } from '../errors.ts'
import type { BatchBuilder } from './batch/batchBuilder.ts'
import { brokerError, isRefused } from './brokerErrors.ts'
import type { Connections } from './connections.ts'
import { coordinators } from './coordinators.ts'
import type { Leaders } from './leaders.ts'
import { patience } from './patience.ts'
import { addOffsetsToTxn } from './protocol/addOffsetsToTxn.ts'
import { addPartitionsToTxn } from './protocol/addPartitionsToTxn.ts'
import { endTxn } from './protocol/endTxn.ts'
import { initProducerId } from './protocol/initProducerId.ts'
import { produce } from './protocol/produce.ts'
import { txnOffsetCommit } from './protocol/txnOffsetCommit.ts'

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

export interface Producer {
  /** Gets a fresh epoch. With a transactional id: aborts what is open under it, and fences whoever else has used it. */
  init(): Promise<void>
  /** Resolves when every parcel is acked; at most one a partition. Opens a transaction where none is open. */
  send(parcels: readonly Parcel[]): Promise<void>
  /** Adds consumer-group offsets to the transaction. */
  commitOffsets(groupId: string, position: SourcePosition): Promise<void>
  /** Commits the transaction. Resolves only on a definite OK. */
  commit(): Promise<void>
  /**
   * Aborts what may be open, so that readers do not have to wait until it times out. Best effort: a fence would do the same. Rejects,
   * and disturbs nobody, where somebody else has taken the id over. Afterwards only `init` makes sense.
   */
  abandon(): Promise<void>
}

/** The last versions of transaction protocol v1. */
const v1 = { produce: 11, txnOffsetCommit: 4, endTxn: 4 }

export function producer(
  attempt: Pick<AttemptContext, 'clock' | 'signal'>,
  connections: Connections,
  leaders: Leaders,
  { transactionalId, transactionTimeout, acks }: ProducerIdentity,
): Producer {
  const idempotent = acks === -1
  const coordinator = coordinators(attempt, connections)
  const implicit = connections.transactionVersion >= 2
  const sequences = new Map<string, number>()
  const joined = new Set<string>()
  let producerId = -1
  let producerEpoch = -1
  let open = false
  let lost = false
  const underway = new Set<Promise<unknown>>()

  /** The same for the coordinator of this producer's transactions. */
  function coordinated<R extends { readonly errorCode: number }>(
    what: string,
    request: (node: number, id: string) => Promise<R>,
  ): Promise<R> {
    const id = transactionalId as string
    return coordinator.ask('transaction', id, what, (node) => request(node, id))
  }

  /** Without a transactional id any broker will do, once it has ids to give. */
  async function granted<R extends { readonly errorCode: number }>(request: () => Promise<R>): Promise<R> {
    const waiting = patience(attempt.clock, attempt.signal)
    for (;;) {
      const answer = await request()
      if (answer.errorCode === 0) return answer
      const error = brokerError(answer.errorCode, 'InitProducerId', {})
      if (!isRefused(answer.errorCode)) throw error
      await waiting.after(error)
    }
  }

  async function init(): Promise<void> {
    if (!idempotent) return
    const args = { transactionalId, transactionTimeout, producerId: -1, producerEpoch: -1 }
    const answer =
      transactionalId === null
        ? await granted(() => connections.call('any', initProducerId, args))
        : await coordinated('InitProducerId', (node) => connections.call(node, initProducerId, args))
    adopt(answer.producerId, answer.producerEpoch)
    open = false
    lost = false
  }

  /** A new epoch has its own sequence numbers; a transaction of the same epoch, in protocol v1, goes on with them. */
  function adopt(id: number, epoch: number): void {
    joined.clear()
    if (id === producerId && epoch === producerEpoch) return
    producerId = id
    producerEpoch = epoch
    sequences.clear()
  }

  async function send(parcels: readonly Parcel[]): Promise<void> {
    if (transactionalId !== null && !implicit) await join(parcels)
    const waiting = patience(attempt.clock, attempt.signal)
    let left: readonly Sealed[] = parcels.map(seal)
    for (;;) {
      const refusals = await deliver(left)
      if (refusals.length === 0) return
      left = refusals.map(({ sealed }) => sealed)
      await waiting.after((refusals[0] as Refusal).error)
      if (refusals.some(({ error }) => error.code !== 'CONCURRENT_TRANSACTIONS')) await leaders.refresh()
    }
  }

  /** Encodes the batch with the next sequence number of its partition. */
  function seal({ topic, partition, builder }: Parcel): Sealed {
    const place = `${topic}/${partition}`
    const baseSequence = idempotent ? (sequences.get(place) ?? 0) : -1
    if (idempotent) sequences.set(place, nextSequence(baseSequence, builder.count))
    const transactional = transactionalId !== null
    return { topic, partition, records: builder.finish({ producerId, producerEpoch, baseSequence, transactional }) }
  }

  /** One request a leader, all at once. Resolves with what was definitely refused. */
  async function deliver(batches: readonly Sealed[]): Promise<readonly Refusal[]> {
    for (const { topic } of batches) await leaders.topic(topic)
    const sends = [...leaders.group(batches)].map(([leader, sealed]) => deliverTo(leader, sealed))
    const answers = await Promise.all(sends)
    return answers.flat()
  }

  async function deliverTo(leader: number, batches: readonly Sealed[]): Promise<readonly Refusal[]> {
    const args = { transactionalId, acks, timeout: connections.requestTimeout, batches }
    const answer = await sent(connections.call(leader, produce, args, implicit ? {} : { maxVersion: v1.produce }))
    const refusals: Refusal[] = []
    for (const { topic, partition, errorCode, errorMessage } of answer) {
      if (errorCode === 0) continue
      const error = brokerError(errorCode, 'Produce', { topic, partition }, errorMessage)
      if (!isRefused(errorCode)) throw error
      refusals.push({ sealed: batches.find((b) => b.topic === topic && b.partition === partition) as Sealed, error })
    }
    return refusals
  }

  /** Protocol v1: the coordinator must know the partitions of a transaction before they are written to. */
  async function join(parcels: readonly Parcel[]): Promise<void> {
    const fresh = parcels.filter(({ topic, partition }) => !joined.has(`${topic}/${partition}`))
    if (fresh.length === 0) return
    await coordinated('AddPartitionsToTxn', async (node, id) => {
      const partitions = fresh.map(({ topic, partition }) => ({ topic, partition }))
      const args = { transactionalId: id, producerId, producerEpoch, partitions }
      return firstError(await connections.call(node, addPartitionsToTxn, args))
    })
    for (const { topic, partition } of fresh) joined.add(`${topic}/${partition}`)
  }

  async function commitOffsets(groupId: string, { splits }: SourcePosition): Promise<void> {
    if (!implicit) {
      await coordinated('AddOffsetsToTxn', (node, id) =>
        connections.call(node, addOffsetsToTxn, { transactionalId: id, producerId, producerEpoch, groupId }),
      )
    }
    await coordinator.ask('group', groupId, `TxnOffsetCommit of group ${groupId}`, async (node) => {
      const args = { transactionalId: transactionalId as string, groupId, producerId, producerEpoch, offsets: splits }
      return firstError(
        await sent(connections.call(node, txnOffsetCommit, args, implicit ? {} : { maxVersion: v1.txnOffsetCommit })),
      )
    })
  }

  async function end(committed: boolean): Promise<void> {
    const id = transactionalId as string
    const node = await coordinator.find('transaction', id)
    const args = { transactionalId: id, producerId, producerEpoch, committed }
    const answer = await connections.call(node, endTxn, args, implicit ? {} : { maxVersion: v1.endTxn })
    if (answer.errorCode !== 0) throw brokerError(answer.errorCode, 'EndTxn', {})
    adopt(answer.producerId, answer.producerEpoch)
    open = false
  }

  /**
   * In protocol v1 a batch that is still on its way could come after the end, and open a transaction that nobody ever ends; v2 refuses
   * it. Not by InitProducerId: that one aborts whatever is open under the producer id, also what a newer producer has opened.
   */
  async function abandon(): Promise<void> {
    if (transactionalId === null || !open) return
    if (!implicit) await Promise.allSettled(underway)
    if (implicit || !lost) await end(false)
  }

  /** Notes what is on its way, and whether an answer never came. */
  function sent<R>(request: Promise<R>): Promise<R> {
    underway.add(request)
    request.catch(() => (lost = true)).finally(() => underway.delete(request))
    return request
  }

  return {
    init,
    send(parcels) {
      open = true
      return send(parcels)
    },
    commitOffsets(groupId, position) {
      open = true
      return commitOffsets(groupId, position)
    },
    commit: () => end(true),
    abandon,
  }
}

interface Sealed {
  readonly topic: string
  readonly partition: number
  readonly records: Buffer
}

interface Refusal {
  readonly sealed: Sealed
  readonly error: RxweftError
}

/** Sequence numbers wrap after 2^31 - 1, as the brokers expect. */
function nextSequence(sequence: number, count: number): number {
  return (sequence + count) % 2 ** 31
}

function firstError(partitions: readonly { readonly errorCode: number }[]): { readonly errorCode: number } {
  return partitions.find(({ errorCode }) => errorCode !== 0) ?? { errorCode: 0 }
}
