/** What a broker reads of a record batch before it appends it. */
import { Buffer } from 'node:buffer'
import { crc32c } from '@node-rs/crc32'
import { at, bits } from '../../../src/kafka/batch/layout.ts'

export interface BatchHeader {
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly lastSequence: number
  readonly lastOffsetDelta: number
  readonly transactional: boolean
  readonly control: boolean
}

/** null: the checksum is wrong. */
export function batchHeader(batch: Buffer): BatchHeader | null {
  if (crc32c(batch.subarray(at.attributes)) !== batch.readUInt32BE(at.crc)) return null
  const attributes = batch.readInt16BE(at.attributes)
  const baseSequence = batch.readInt32BE(at.baseSequence)
  const lastOffsetDelta = batch.readInt32BE(at.lastOffsetDelta)
  return {
    producerId: Number(batch.readBigInt64BE(at.producerId)),
    producerEpoch: batch.readInt16BE(at.producerEpoch),
    baseSequence,
    lastSequence: baseSequence < 0 ? -1 : (baseSequence + lastOffsetDelta) % 2 ** 31,
    lastOffsetDelta,
    transactional: (attributes & bits.transactional) !== 0,
    control: (attributes & bits.control) !== 0,
  }
}

/** As its leader stores it. A copy: what a client has sent stays its own. */
export function stamped(batch: Buffer, baseOffset: number, leaderEpoch: number): Buffer {
  const copy = Buffer.from(batch)
  copy.writeInt32BE(leaderEpoch, at.leaderEpoch)
  copy.writeInt32BE(0, at.baseOffset)
  copy.writeUInt32BE(baseOffset, at.baseOffset + 4)
  return copy
}
