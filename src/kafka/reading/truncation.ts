/** Truncation of the log: the new leader never had records that were read from the previous one. */

import { CorruptedError } from '../../errors.ts'
import type { Split } from '../../record.ts'
import type { EpochEnd } from '../protocol/fetch.ts'

/** @param lastEpoch leader epoch of the last record read before `offset` */
export function truncated(
  { topic, partition }: Split,
  offset: number,
  lastEpoch: number,
  { epoch, endOffset }: EpochEnd,
): CorruptedError {
  const lost = `offsets ${endOffset} to ${offset - 1}`
  const what =
    `the log was truncated: ${lost}, which were read up to leader epoch ${lastEpoch}, are gone or replaced; ` +
    `of the epochs up to ${epoch} the partition has only what lies before ${endOffset}`
  return new CorruptedError('LOG_TRUNCATED', what, {
    where: { topic, partition, offset },
    hint:
      'A leader was elected that lacks records which had been acknowledged (see unclean.leader.election.enable, min.insync.replicas ' +
      'and lost disks). State and output have them, the topic has not; compare both, or start over under another job name',
  })
}
