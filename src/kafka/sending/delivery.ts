/**
 * Delivery of sealed batches to partition leaders. A batch is sent until it is acked:
 *
 *   refused          leader moved or replicas missing: retried at the current leader
 *   answer lost      retried with identical bytes, hence identical producer id, epoch and sequence:
 *                    the leader recognises a batch it has, also when the first copy arrives late
 *   bad content      record too large, timestamp out of range: handed back, nothing is in the log
 *   anything else    rejects; the attempt ends
 *
 * A leader remembers the last five batches of a producer in each partition. One would do: the next
 * batch of a partition leaves only after the previous one is acked. Without sequence numbers (acks
 * 1), a lost answer ends the attempt.
 *
 * A batch that may already be in the log is never handed back. Leaders check the content before
 * they look for duplicates: a batch whose first copy was appended can still be refused on the
 * retry, because it has become too old or the size limit was lowered. The attempt ends then and its
 * transaction aborts.
 */
import type { AttemptContext } from '../../attempt.ts'
import { RetriableError, type RxweftError } from '../../errors.ts'
import { brokerError } from '../nodes/brokerErrors.ts'
import type { CallOptions, Connections, TopicPartition } from '../nodes/connections.ts'
import type { Leaders } from '../nodes/leaders.ts'
import { patience } from '../nodes/patience.ts'
import { leadsNone, unlessMoved } from '../nodes/unlessMoved.ts'
import { type ProducedPartition, produce } from '../protocol/produce.ts'
import { isInDoubt, isOfContent, mayRepeat, wasRefused } from './doubt.ts'
import type { Verdict } from './salvage.ts'

/** A batch as encoded for the wire; retries send the same bytes. */
export interface SealedBatch extends TopicPartition {
  readonly records: Buffer
}

/**
 * The leader that acked a batch, and the batch's offset. With acks from all in-sync replicas, this
 * leader also has everything before the batch.
 */
export interface Ack {
  readonly topic: string
  readonly partition: number
  /** Node id. */
  readonly leader: number
  /** -1: the leader recognised a duplicate and no longer knows its offset. */
  readonly baseOffset: number
}

export interface Delivery {
  /**
   * Resolves when every batch is acked; at most one batch per partition.
   *
   * @param back receives the batches refused because of their content; without it, the call rejects
   */
  deliver(batches: readonly SealedBatch[], back?: HandedBack[]): Promise<readonly Ack[]>
  /** Number of unacked batches that are in the log, or may still arrive there. */
  readonly doubtful: number
}

export interface DeliveryOptions {
  readonly transactionalId: string | null
  readonly acks: -1 | 1
  /** How long a batch is retried, ms. */
  readonly limit?: number | undefined
  readonly versions: CallOptions
}

/** A batch refused because of its content; nothing of it is in the log. */
export interface HandedBack extends Verdict {
  readonly batch: SealedBatch
}

/** Results of one delivery. */
interface Outcome {
  readonly acked: Ack[]
  readonly back: HandedBack[] | undefined
}

/** A batch to retry, and the reason. */
interface Setback {
  readonly batch: SealedBatch
  readonly error: RxweftError
}

/** DUPLICATE_SEQUENCE_NUMBER: the leader has the batch and has forgotten its offset. */
const duplicate = 46

export function delivery(
  attempt: Pick<AttemptContext, 'clock' | 'signal'>,
  connections: Connections,
  leaders: Leaders,
  { transactionalId, acks, limit, versions }: DeliveryOptions,
): Delivery {
  const recognised = acks === -1
  const doubtful = new Set<SealedBatch>()

  /** Returns the batch for a retry, or throws. */
  function setback(batch: SealedBatch, error: unknown): Setback {
    if (wasRefused(error)) return { batch, error }
    if (isInDoubt(error)) doubtful.add(batch)
    if (recognised && isInDoubt(error)) return { batch, error }
    throw error
  }

  /** Sends one request per leader, in parallel. Adds to the outcome. */
  async function sendOnce(batches: readonly SealedBatch[], outcome: Outcome): Promise<readonly Setback[]> {
    const setbacks: Setback[] = []
    const requests = new Map<number, SealedBatch[]>()
    for (const batch of batches) {
      try {
        await leaders.topic(batch.topic)
        const leader = leaders.leader(batch.topic, batch.partition)
        const request = requests.get(leader)
        if (request === undefined) requests.set(leader, [batch])
        else request.push(batch)
      } catch (error) {
        setbacks.push(setback(batch, error))
      }
    }
    const sent = await Promise.allSettled([...requests].map(([leader, request]) => sendTo(leader, request, outcome)))
    for (const one of sent) {
      if (one.status === 'rejected') throw one.reason
      setbacks.push(...one.value)
    }
    return setbacks
  }

  async function sendTo(
    leader: number,
    batches: readonly SealedBatch[],
    { acked, back }: Outcome,
  ): Promise<readonly Setback[]> {
    const args = { transactionalId, acks, timeout: connections.requestTimeout, batches }
    let answer: readonly ProducedPartition[]
    try {
      answer = await unlessMoved(
        attempt.clock,
        (options) => connections.call(leader, produce, args, { ...versions, ...options }),
        () => leadsNone(leaders, leader, batches),
      )
    } catch (error) {
      return batches.map((batch) => setback(batch, error))
    }
    if (answer.length !== batches.length) throw incomplete()
    const setbacks: Setback[] = []
    for (const produced of answer) {
      const { topic, partition, baseOffset, errorCode } = produced
      if (errorCode === 0 || errorCode === duplicate) acked.push({ topic, partition, leader, baseOffset })
      if (errorCode === 0 && doubtful.size === 0) continue
      const batch = batches.find((one) => isOf(produced, one))
      if (batch === undefined) throw incomplete()
      if (errorCode === 0 || (errorCode === duplicate && doubtful.has(batch))) doubtful.delete(batch)
      else {
        const error = refusal(produced)
        if (back !== undefined && isOfContent(error)) back.push(handedBack(batch, error, produced))
        else setbacks.push(setback(batch, error))
      }
    }
    return setbacks
  }

  function handedBack(batch: SealedBatch, error: RxweftError, { refused }: ProducedPartition): HandedBack {
    if (doubtful.has(batch)) throw refusedInDoubt(error)
    return { batch, error, records: new Map(refused.map(({ index, message }) => [index, message])) }
  }

  /** Refreshes the leaders. If the refresh fails, the next retry refreshes again. */
  async function lookAgain(setbacks: readonly Setback[]): Promise<void> {
    if (setbacks.every(({ error }) => error.code === 'CONCURRENT_TRANSACTIONS')) return
    try {
      await leaders.refresh()
    } catch (error) {
      if (!mayRepeat(error)) throw error
    }
  }

  return {
    async deliver(batches, back) {
      const waiting = patience(attempt.clock, attempt.signal, { limit })
      const acked: Ack[] = []
      let left = batches
      for (;;) {
        const setbacks = await sendOnce(left, { acked, back })
        const [first] = setbacks
        if (first === undefined) return acked
        left = setbacks.map(({ batch }) => batch)
        await waiting.after(first.error)
        await lookAgain(setbacks)
      }
    },
    get doubtful() {
      return doubtful.size
    },
  }
}

function refusal({ topic, partition, errorCode, errorMessage }: ProducedPartition): RxweftError {
  return brokerError(errorCode, 'Produce', { topic, partition }, errorMessage)
}

function refusedInDoubt(error: RxweftError): RetriableError {
  const what =
    'a batch whose first answer was lost is refused for what is in it, so nobody can tell whether it was written'
  return new RetriableError('REFUSED_IN_DOUBT', `${what}: ${error.what}`, {
    where: error.where,
    hint: 'The next attempt writes the records again. Records of this attempt do not become visible',
    cause: error,
  })
}

function isOf({ topic, partition }: TopicPartition, batch: TopicPartition): boolean {
  return topic === batch.topic && partition === batch.partition
}

function incomplete(): RetriableError {
  return new RetriableError('ANSWER_INCOMPLETE', 'the broker answered Produce for other partitions than were sent', {
    hint: 'The next attempt reads from the ledger what was committed',
  })
}
