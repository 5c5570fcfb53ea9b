/**
 * Byte offsets of the fields of a record batch, format 2 (Kafka 0.11 and newer):
 *
 *   0 base offset      8 length          12 leader epoch    16 magic            17 crc
 *   21 attributes      23 last offset delta                 27 base timestamp   35 max timestamp
 *   43 producer id     51 producer epoch                    53 base sequence    57 count
 *   61 records
 *
 * `length` counts the bytes after itself; the checksum covers the bytes after itself. Source:
 * Kafka's documentation, "Record Batch".
 */
export const at = {
  baseOffset: 0,
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  count: 57,
  records: 61,
} as const

/** Bytes not counted by `length`: base offset and length. */
export const lengthFrom = 12

/** Bits of `attributes`. */
export const bits = { compression: 0x07, logAppendTime: 0x08, transactional: 0x10, control: 0x20 } as const
