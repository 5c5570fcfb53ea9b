/** A leader's answer for one partition, and the error it stands for. */

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
 * Null if the answer is good. Fatal and Corrupted errors are provisional: the leader may have been
 * replaced without knowing it.
 */
export function fetchRefusal(split: AskedSplit, { errorCode, divergingEpoch }: FetchedPartition): RxweftError | null {
  const { topic, partition, fetchOffset: offset, epochs } = split
  if (errorCode !== 0) return brokerError(errorCode, 'Fetch', { topic, partition, offset })
  return divergingEpoch == null ? null : truncated(split, offset, epochs.before(offset) ?? -1, divergingEpoch)
}

/** The fast path assumes that brokers answer in request order, as most do. */
export function answerFor(
  { topic, partition }: Split,
  answers: readonly FetchedPartition[],
  at: number,
): FetchedPartition | undefined {
  const isIt = (answer: FetchedPartition | undefined): boolean =>
    answer?.partition === partition && answer.topic === topic
  return isIt(answers[at]) ? answers[at] : answers.find(isIt)
}

/** The request had room for a whole batch, and only a part of one came. */
export function cutOff({ topic, partition, fetchOffset }: AskedSplit): CorruptedError {
  return new CorruptedError('BATCH_DAMAGED', 'the broker sent a record batch whose length is wrong', {
    where: { topic, partition, offset: fetchOffset },
    hint: 'Nothing of the batch was processed. Check whether another replica of the partition is intact',
  })
}

/** The leader takes much longer than the requested wait. */
export function silent({ topic, partition }: Split, leader: number): RxweftError {
  return new RetriableError('LEADER_SILENT', `broker ${leader}, the leader of the partition, does not answer`, {
    where: { topic, partition },
  })
}
