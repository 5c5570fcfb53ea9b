/** A record batch with one record, by hand and with nothing of rxweft in it. */
import { Buffer } from 'node:buffer'
import { crc32c } from '@node-rs/crc32'

export interface BatchIdentity {
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly transactional: boolean
}

/** @param value at most 50 bytes, so that each length fits in one byte */
export function oneRecord(value: string, identity: BatchIdentity): Buffer {
  const text = Buffer.from(value)
  const body = Buffer.from([0, 0, 0, 1, text.length * 2, ...text, 0])
  const record = Buffer.from([body.length * 2, ...body])
  const batch = Buffer.alloc(61 + record.length)
  const now = BigInt(Date.now())
  batch.writeInt32BE(batch.length - 12, 8)
  batch.writeInt32BE(-1, 12) // partition leader epoch
  batch.writeInt8(2, 16) // magic
  batch.writeInt16BE(identity.transactional ? 0x10 : 0, 21)
  batch.writeInt32BE(0, 23) // last offset delta
  batch.writeBigInt64BE(now, 27)
  batch.writeBigInt64BE(now, 35)
  batch.writeBigInt64BE(BigInt(identity.producerId), 43)
  batch.writeInt16BE(identity.producerEpoch, 51)
  batch.writeInt32BE(identity.baseSequence, 53)
  batch.writeInt32BE(1, 57) // records
  record.copy(batch, 61)
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17)
  return batch
}

/** The value of the one record of each batch that is no control batch. */
export function valuesOf(records: Buffer): readonly string[] {
  const values: string[] = []
  for (let at = 0; at < records.length; at += 12 + records.readInt32BE(at + 8)) {
    const control = (records.readInt16BE(at + 21) & 0x20) !== 0
    const length = records.readUInt8(at + 61 + 5) / 2
    if (!control) values.push(records.toString('utf8', at + 61 + 6, at + 61 + 6 + length))
  }
  return values
}
