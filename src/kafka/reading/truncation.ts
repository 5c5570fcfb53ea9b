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
    `the partition was truncated: ${lost}, read up to leader epoch ${lastEpoch}, are missing or replaced; ` +
    `epoch ${epoch} ends at offset ${endOffset}`
  return new CorruptedError('LOG_TRUNCATED', what, {
    where: { topic, partition, offset },
    hint:
      'An unclean leader election removed acknowledged records (see unclean.leader.election.enable, min.insync.replicas ' +
      'and lost disks). State and output contain them: compare them with the topic, or start over under another job name',
  })
}
