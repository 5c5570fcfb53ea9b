/**
 * The requests of one transactional id to its coordinators, in the two versions of the protocol:
 *
 *   v1   AddPartitionsToTxn before the first write, AddOffsetsToTxn before offsets; transactions of
 *        an epoch look alike, so a commit in doubt needs a proof (`prove`)
 *   v2   (KIP-890) a partition joins by being written to; each transaction has an epoch of its own,
 *        so the answer to EndTxn is the decision
 *
 * A request whose answer is lost is sent again, since every request is idempotent:
 *
 *   AddPartitionsToTxn ...   sets; TxnOffsetCommit overwrites offsets with the same offsets
 *   InitProducerId           a fence fences again; with its own id and epoch, same answer (KIP-360)
 *   EndTxn                   v2: the epoch names the transaction
 */
import type { AttemptContext } from '../../attempt.ts'
import type { SourcePosition } from '../../record.ts'
import { brokerError } from '../nodes/brokerErrors.ts'
import type { CallOptions, Connections } from '../nodes/connections.ts'
import { coordinators } from '../nodes/coordinators.ts'
import { addOffsetsToTxn } from '../protocol/addOffsetsToTxn.ts'
import { addPartitionsToTxn } from '../protocol/addPartitionsToTxn.ts'
import { endTxn } from '../protocol/endTxn.ts'
import { initProducerId, type ProducerIdAnswer } from '../protocol/initProducerId.ts'
import { txnOffsetCommit } from '../protocol/txnOffsetCommit.ts'

/** Producer id and epoch; -1 and -1: none yet. */
export type ProducerEpoch = Pick<ProducerIdAnswer, 'producerId' | 'producerEpoch'>

interface Place {
  readonly topic: string
  readonly partition: number
}

export interface TransactionRequests {
  /**
   * True if requests of this transaction may still be on their way to a coordinator, and it could
   * mistake them for those of the next one: never in v2.
   */
  readonly late: boolean
  /** Fences whoever has the id, and returns a fresh epoch. */
  fence(): Promise<ProducerIdAnswer>
  /** Adds partitions to the transaction before they are written to. In v1 only. */
  join(epoch: ProducerEpoch, places: readonly Place[]): Promise<void>
  /** Adds consumer-group offsets to the transaction. */
  commitOffsets(epoch: ProducerEpoch, groupId: string, position: SourcePosition): Promise<void>
  /** Resolves only when the commit is certain, with the epoch of the next transaction. */
  commit(epoch: ProducerEpoch): Promise<ProducerEpoch>
  /** One try. If another producer has taken the id over, rejects without disturbing it. */
  abort(epoch: ProducerEpoch): Promise<ProducerEpoch>
}

/** The last epoch, reserved for fencing: no client may use it. */
const lastEpoch = 32_767
const concurrentTransactions = 51

/** Highest request versions of transaction protocol v1. */
export const v1 = { produce: 11, txnOffsetCommit: 4, endTxn: 4 }

export function transactionRequests(
  attempt: Pick<AttemptContext, 'clock' | 'signal'>,
  connections: Connections,
  { transactionalId, transactionTimeout }: { readonly transactionalId: string; readonly transactionTimeout: number },
): TransactionRequests {
  const implicit = connections.transactionVersion >= 2
  const joined = new Set<string>()
  /** Coordinator that added partitions to the open transaction (v1). */
  let joinedAt = -1
  let late = false
  // Retrying longer is useless: the cluster aborts the transaction at its timeout.
  const coordinator = coordinators(attempt, connections, transactionTimeout, () => {
    late = true
  })

  function coordinated<R extends { readonly errorCode: number }>(
    what: string,
    request: (node: number, options: CallOptions) => Promise<R>,
  ): Promise<R> {
    return coordinator.ask('transaction', transactionalId, what, request)
  }

  /** @param epoch -1 and -1: fences whoever has the id; an own one: refused after a takeover */
  function claim({ producerId, producerEpoch }: ProducerEpoch): Promise<ProducerIdAnswer> {
    const args = { transactionalId, transactionTimeout, producerId, producerEpoch }
    return coordinated('InitProducerId', (node, options) => connections.call(node, initProducerId, args, options))
  }

  /** The transaction has ended: the next one has no partitions yet. */
  function ended<Answer>(answer: Answer): Answer {
    joined.clear()
    late = false
    return answer
  }

  async function endTransaction(
    { producerId, producerEpoch }: ProducerEpoch,
    node: number,
    committed: boolean,
    options?: CallOptions,
  ): Promise<ProducerIdAnswer> {
    const args = { transactionalId, producerId, producerEpoch, committed }
    const versions = implicit ? {} : { maxVersion: v1.endTxn }
    const answer = await connections.call(node, endTxn, args, { ...versions, ...options })
    // The last epoch is reserved for fencing. If EndTxn is asked again once the markers are
    // written, the coordinator answers with another producer id.
    return answer.producerEpoch === lastEpoch ? { ...answer, errorCode: concurrentTransactions } : answer
  }

  /**
   * Proves a commit in protocol v1, where all transactions of an epoch look alike. After a doubt,
   * an OK may come from a replaced coordinator and be about the previous transaction; and a request
   * that is still on its way could end the next transaction. Claiming a fresh epoch with the old
   * one settles both: the true coordinator writes it to the transaction log, and only if no
   * transaction is open. This producer aborts nothing at that epoch, and anyone else who aborts its
   * transaction raises the epoch: so the transaction is committed.
   */
  function prove(epoch: ProducerEpoch): Promise<ProducerIdAnswer> {
    return claim(epoch)
  }

  return {
    get late() {
      return !implicit && late
    },
    fence: async () => ended(await claim({ producerId: -1, producerEpoch: -1 })),
    async join({ producerId, producerEpoch }, places) {
      const fresh = places.filter(({ topic, partition }) => !joined.has(`${topic}/${partition}`))
      if (fresh.length === 0) return
      const partitions = fresh.map(({ topic, partition }) => ({ topic, partition }))
      await coordinated('AddPartitionsToTxn', async (node, options) => {
        const args = { transactionalId, producerId, producerEpoch, partitions }
        joinedAt = node
        return firstError(await connections.call(node, addPartitionsToTxn, args, options))
      })
      for (const { topic, partition } of fresh) joined.add(`${topic}/${partition}`)
    },
    async commitOffsets({ producerId, producerEpoch }, groupId, { splits }) {
      if (!implicit) {
        await coordinated('AddOffsetsToTxn', (node, options) =>
          connections.call(node, addOffsetsToTxn, { transactionalId, producerId, producerEpoch, groupId }, options),
        )
      }
      const versions = implicit ? {} : { maxVersion: v1.txnOffsetCommit }
      await coordinator.ask('group', groupId, `TxnOffsetCommit of group ${groupId}`, async (node, options) => {
        const args = { transactionalId, groupId, producerId, producerEpoch, offsets: splits }
        return firstError(await connections.call(node, txnOffsetCommit, args, { ...versions, ...options }))
      })
    },
    async commit(epoch) {
      const asked: number[] = []
      const answer = await coordinated('EndTxn', (node, options) => {
        asked.push(node)
        return endTransaction(epoch, node, true, options)
      })
      const plain = asked.length === 1 && asked[0] === joinedAt && !late
      return ended(implicit || plain ? answer : await prove(epoch))
    },
    async abort(epoch) {
      const node = await coordinator.find('transaction', transactionalId)
      const answer = await endTransaction(epoch, node, false)
      if (answer.errorCode !== 0) throw brokerError(answer.errorCode, 'EndTxn', {})
      return ended(answer)
    },
  }
}

function firstError(partitions: readonly { readonly errorCode: number }[]): { readonly errorCode: number } {
  return partitions.find(({ errorCode }) => errorCode !== 0) ?? { errorCode: 0 }
}
