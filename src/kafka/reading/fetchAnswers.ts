/** What the answer of a leader says about one partition, and what is wrong with it. */

import { CorruptedError, RetriableError, type RxweftError } from '../../errors.ts'
import type { Split } from '../../record.ts'
import { brokerError } from '../nodes/brokerErrors.ts'
import type { FetchedPartition } from '../protocol/fetch.ts'
import type { EpochHistory } from './epochHistory.ts'
import { truncated } from './truncation.ts'

interface AskedSplit extends Split {
  readonly fetchOffset: number
  readonly epochs: EpochHistory
}

/**
 * null: nothing. Fatal and Corrupted errors are not yet the truth: the leader may have been
 * replaced and not know it.
 */
export function fetchRefusal(split: AskedSplit, { errorCode, divergingEpoch }: FetchedPartition): RxweftError | null {
  const { topic, partition, fetchOffset: offset, epochs } = split
  if (errorCode !== 0) return brokerError(errorCode, 'Fetch', { topic, partition, offset })
  return divergingEpoch == null ? null : truncated(split, offset, epochs.before(offset) ?? -1, divergingEpoch)
}

/** Brokers answer in the order of the request, mostly. */
export function answerFor(
  { topic, partition }: Split,
  answers: readonly FetchedPartition[],
  at: number,
): FetchedPartition | undefined {
  const isIt = (answer: FetchedPartition | undefined): boolean =>
    answer?.partition === partition && answer.topic === topic
  return isIt(answers[at]) ? answers[at] : answers.find(isIt)
}

/** A whole batch was asked for, and a piece has come. */
export function cutOff({ topic, partition, fetchOffset }: AskedSplit): CorruptedError {
  return new CorruptedError('BATCH_DAMAGED', 'the broker has sent a record batch that does not end where it says', {
    where: { topic, partition, offset: fetchOffset },
    hint: 'Nothing of it was processed. Look whether another replica of the partition is intact',
  })
}

/** A broker that leads the partition takes much longer than it was to wait. */
export function silent({ topic, partition }: Split, leader: number): RxweftError {
  return new RetriableError('LEADER_SILENT', `broker ${leader}, which leads the partition, does not answer`, {
    where: { topic, partition },
  })
}
