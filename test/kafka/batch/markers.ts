/** The control batch that a broker writes at the end of a transaction. */
import { Buffer } from 'node:buffer'
import { crc32c } from '@node-rs/crc32'
import { built } from './plainRecords.ts'

export function marker(baseOffset: number, producerId: number, type: 'commit' | 'abort'): Buffer {
  const key = Buffer.from([0, 0, 0, type === 'commit' ? 1 : 0])
  const identity = { producerId, producerEpoch: 0, baseSequence: -1, transactional: true }
  const batch = built([{ timestamp: 0, key, value: Buffer.alloc(6), headers: [] }], { baseOffset, identity })
  batch.writeInt16BE(0x30, 21)
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17)
  return batch
}
