import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type StreamRecord, streamRecord } from '../../src/record.ts'
import { byKey, murmur2, samePartition } from '../../src/sinks/partitioner.ts'

const from = (partition: number): StreamRecord<string> => streamRecord('v', 0, null, [], { topic: 't', partition }, 7)

/** The same hash in arbitrary precision, line by line after org.apache.kafka.common.utils.Utils. */
function murmur2Slowly(data: Uint8Array): number {
  const int = (value: bigint) => BigInt.asUintN(32, value)
  const m = 0x5bd1e995n
  let h = int(0x9747b28cn ^ BigInt(data.length))
  for (let i = 0; i < data.length >> 2; i++) {
    let k = 0n
    for (let byte = 3; byte >= 0; byte--) k = (k << 8n) | BigInt(data[i * 4 + byte] as number)
    k = int(k * m)
    k = int((k ^ (k >> 24n)) * m)
    h = int(h * m) ^ k
  }
  const rest = data.slice(data.length & ~3)
  for (let i = rest.length - 1; i >= 0; i--) h ^= BigInt(rest[i] as number) << BigInt(8 * i)
  if (rest.length > 0) h = int(h * m)
  h = int((h ^ (h >> 13n)) * m)
  return Number(BigInt.asIntN(32, h ^ (h >> 15n)))
}

describe('the hash of keys', () => {
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('of %j is what the Java client says', (key, hash) => {
    expect(murmur2(Buffer.from(key))).toBe(hash)
  })

  it('is that of the reference for any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 70 }), (key) => murmur2(key) === murmur2Slowly(key)))
  })

  it('is taken of the bytes of a view only', () => {
    const view = new Uint8Array(Buffer.from('xxabcxx').buffer, Buffer.from('').byteOffset, 0)
    expect(murmur2(view)).toBe(murmur2(new Uint8Array()))
    expect(murmur2(Buffer.from('xxabcxx').subarray(2, 5))).toBe(479470107)
  })
})

describe('byKey', () => {
  it('chooses what toPositive(murmur2(key)) % partitions says', () => {
    for (const key of ['21', 'foobar', 'abc']) {
      const bytes = Buffer.from(key)
      expect(byKey(from(0), 12, bytes)).toBe(Number(BigInt.asUintN(31, BigInt(murmur2(bytes)))) % 12)
    }
  })

  it('always chooses a partition that exists', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.integer({ min: 1, max: 5_000 }), (key, partitions) => {
        const chosen = byKey(from(3), partitions, key)
        return Number.isInteger(chosen) && chosen >= 0 && chosen < partitions
      }),
    )
  })

  it('takes an empty key for a key', () => {
    expect(byKey(from(0), 7, new Uint8Array())).toBe(byKey(from(1), 7, new Uint8Array()))
  })

  it('keeps records without a key in the partition of their source, as far as there are as many', () => {
    expect(byKey(from(2), 4, null)).toBe(2)
    expect(byKey(from(6), 4, null)).toBe(2)
  })
})

describe('samePartition', () => {
  it('is the partition of the source record, whether the topic has it or not', () => {
    expect(samePartition(from(6), 4, Buffer.from('key'))).toBe(6)
  })
})
