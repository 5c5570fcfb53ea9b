/** Changes an input a little: the mutations of AFL that find most. */
import { Buffer } from 'node:buffer'
import type { Random } from './random.ts'

/** No input gets larger, bytes. */
const largest = 16 * 1024

const interesting = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff]

type Mutation = (bytes: Buffer, at: number, random: Random, other: Buffer) => Buffer

const mutations: readonly Mutation[] = [
  (bytes, at, { below }) => withByte(bytes, at, (bytes[at] ?? 0) ^ (1 << below(8))),
  (bytes, at, { below }) => withByte(bytes, at, below(256)),
  (bytes, at, { below }) => withByte(bytes, at, (bytes[at] ?? 0) + below(9) - 4),
  (bytes, at, { below }) => withNumber(bytes, at, interesting[below(interesting.length)] as number, below(2) === 0),
  (bytes, at, { below }) => spliced(bytes, at, 1 + below(16), Buffer.alloc(0)),
  (bytes, at, { below }) => spliced(bytes, at, 0, Buffer.alloc(1 + below(16), below(256))),
  (bytes, at, { below }) => spliced(bytes, below(bytes.length + 1), 0, bytes.subarray(at, at + 1 + below(64))),
  (bytes, at, { below }, other) => {
    const from = below(other.length + 1)
    return spliced(bytes, at, below(32), other.subarray(from, from + below(64)))
  },
  (bytes, at) => bytes.subarray(0, at),
]

/** @param other another input, of which a piece may be taken */
export function mutated(input: Buffer, other: Buffer, random: Random): Buffer {
  let bytes = Buffer.from(input)
  for (let left = 1 + random.below(4); left > 0; left--) {
    const mutation = mutations[random.below(mutations.length)] as Mutation
    bytes = Buffer.from(mutation(bytes, random.below(Math.max(1, bytes.length)), random, other))
  }
  return bytes.subarray(0, largest)
}

function withByte(bytes: Buffer, at: number, byte: number): Buffer {
  if (at < bytes.length) bytes[at] = byte & 0xff
  return bytes
}

function withNumber(bytes: Buffer, at: number, value: number, big: boolean): Buffer {
  const size = value <= 0xff ? 1 : value <= 0xffff ? 2 : 4
  if (at + size > bytes.length) return bytes
  if (big) bytes.writeUIntBE(value, at, size)
  else bytes.writeUIntLE(value, at, size)
  return bytes
}

function spliced(bytes: Buffer, at: number, removed: number, added: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)])
}
