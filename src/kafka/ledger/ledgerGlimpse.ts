/**
 * Follows the last committed entry of a partition for somebody who waits for the next one: a whole
 * read first, then one request a look, from where the last one ended.
 *
 * Advice only: a deposed leader may hide entries until the next whole read, which asks other
 * brokers as well.
 */
import type { RetriableError } from '../../errors.ts'
import type { Split } from '../../record.ts'
import { type RangeParts, type ReadStep, rangeReader } from '../reading/rangeReader.ts'
import type { View } from './ledgerLog.ts'

export interface GlimpseParts<T> extends RangeParts {
  readonly split: Split
  readonly key: Buffer
  readonly decode: (bytes: Uint8Array, place: string) => T
  /** Whole read. */
  readonly view: () => Promise<View<T>>
  readonly behind: (offset: number) => RetriableError
}

/** Number of looks after which everything is read again. */
const whole = 40

export function ledgerGlimpse<T>(parts: GlimpseParts<T>): () => Promise<T | null> {
  const { split, key, decode, view, behind } = parts
  const place = `topic ${split.topic}, partition ${split.partition}`
  let looks = 0
  let at: { entry: T | null; offset: number; readonly read: ReadStep } | null = null

  async function all(): Promise<T | null> {
    const { entry, end, partitions } = await view()
    looks = 0
    const isEnd = (): boolean => true
    at =
      partitions === null ? null : { entry, offset: end, read: rangeReader(parts, split, { behind, wait: 0, isEnd }) }
    return entry
  }

  return async () => {
    const from = at
    looks += 1
    if (from === null || looks > whole) return all()
    at = null
    let last: Buffer | null = null
    const next = await from.read(from.offset, (record) => {
      from.offset = record.offset + 1
      if (record.key()?.equals(key)) last = record.value() ?? Buffer.alloc(0)
    })
    // The leader has refused.
    if (next !== Infinity) return all()
    if (last !== null) from.entry = decode(last, place)
    at = from
    return from.entry
  }
}
