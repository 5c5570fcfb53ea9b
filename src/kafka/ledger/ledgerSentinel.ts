/**
 * Proves that a read of the ledger was complete. Any broker may have answered the read, even a
 * former leader that has not heard of its successor. Such a broker cannot ack the next record,
 * since all in-sync replicas must have it. That record is the sentinel: the leader that acks it has
 * everything committed before it.
 *
 *   read    ... [entry 41][marker]  <- end of the read
 *   leader  ... [entry 41][marker][entry 42][marker][the record]      entry between: read was stale
 *
 * The check reads uncommitted, since the range reaches up to the record itself, which is not
 * committed yet. An entry of an aborted transaction counts too; the extra read of the ledger is
 * harmless.
 */
import type { AttemptContext } from '../../attempt.ts'
import { FatalError, RetriableError } from '../../errors.ts'
import type { Split } from '../../record.ts'
import { readBatches } from '../batch/readBatches.ts'
import { brokerError, isRefused } from '../nodes/brokerErrors.ts'
import type { Connections } from '../nodes/connections.ts'
import { patience } from '../nodes/patience.ts'
import { fetch } from '../protocol/fetch.ts'
import type { Ack } from '../sending/delivery.ts'

export interface LedgerSentinel {
  readonly attempt: Pick<AttemptContext, 'clock' | 'signal'>
  readonly connections: Pick<Connections, 'call'>
  readonly split: Split
  /** Key of the entries. */
  readonly key: Buffer
  readonly topicId: string
}

/**
 * Resolves if no record of the key lies between `seen`, the end of the read, and the acked record.
 * Rejects with Retriable LEDGER_READ_STALE, with Fatal LEDGER_TRUNCATED if the record lies before
 * that end, and with whatever ends a Fetch.
 */
export async function proveRead(sentinel: LedgerSentinel, seen: number, { leader, baseOffset }: Ack): Promise<void> {
  const { split } = sentinel
  if (baseOffset < 0) throw staleRead(split, 'the broker acknowledged the record without its offset')
  if (baseOffset < seen) throw truncated(split, seen, baseOffset)
  if (baseOffset > seen && (await hasEntry(sentinel, leader, seen, baseOffset)))
    throw staleRead(split, `entries were committed after offset ${seen}, where the read ended`)
}

/**
 * True if [from, to) has a record of the key. The leader acked a record at `to`, so the range is
 * readable.
 */
async function hasEntry(
  { attempt, connections, split, key, topicId }: LedgerSentinel,
  leader: number,
  from: number,
  to: number,
): Promise<boolean> {
  const waiting = patience(attempt.clock, attempt.signal)
  for (let position = from; position < to; ) {
    const partitions = [{ ...split, topicId, offset: position, maxBytes: 1_048_576 }]
    const args = { maxWait: 100, minBytes: 1, maxBytes: 1_048_576, partitions, isolation: 'read_uncommitted' } as const
    const [fetched] = await connections.call(leader, fetch, args)
    const errorCode = fetched?.errorCode ?? 0
    if (errorCode !== 0 && isRefused(errorCode)) throw staleRead(split, 'the leader has moved since the read')
    if (errorCode !== 0) throw brokerError(errorCode, 'Fetch', { ...split, offset: position })
    let next = position
    for (const batch of fetched === undefined ? [] : readBatches(fetched.records, fetched)) {
      next = Math.max(next, batch.lastOffset + 1)
      let found = false
      if (!batch.control && batch.baseOffset < to) {
        batch.records((record) => {
          if (record.offset >= from && record.offset < to && record.key()?.equals(key)) found = true
        })
      }
      if (found) return true
    }
    if (next === position) await waiting.after(unread(split, position, to))
    else waiting.reset()
    position = next
  }
  return false
}

export function staleRead({ topic, partition }: Split, why: string): RetriableError {
  return new RetriableError('LEDGER_READ_STALE', `the read of the ledger missed entries: ${why}`, {
    where: { topic, partition },
    hint: 'No checkpoint was decided, and the next attempt reads the ledger again. If this repeats, a broker does not know the latest leader: check that it reaches the other brokers and the controller',
  })
}

function truncated({ topic, partition }: Split, seen: number, offset: number): FatalError {
  return new FatalError('LEDGER_TRUNCATED', `the ledger was read up to offset ${seen}, but is shorter now`, {
    where: { topic, partition, offset },
    hint: 'The topic was deleted and created again, or an unclean leader election removed decided checkpoints. Restore the topic. Output topics may have lost records as well',
  })
}

function unread({ topic, partition }: Split, offset: number, to: number): RetriableError {
  return new RetriableError(
    'LEDGER_BEHIND',
    `the ledger cannot be read up to the acknowledged record at offset ${to}`,
    {
      where: { topic, partition, offset },
    },
  )
}
