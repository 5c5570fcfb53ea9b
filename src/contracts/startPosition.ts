import { anObject, wholeNumber } from '../optionRules.ts'

/**
 * Position at which reading begins.
 *
 * - `'earliest'`: the first record of each partition.
 * - `'latest'`: records committed from now on.
 * - `{ timestamp }`: the first record at or after this time, ms since the epoch.
 * - `[{ topic, partition, offset }]`: exactly there; other partitions start at their beginning.
 */
export type StartPosition =
  | 'earliest'
  | 'latest'
  | {
      /** Time of the first record to read, ms since the epoch. */
      readonly timestamp: number
    }
  | readonly { readonly topic: string; readonly partition: number; readonly offset: number }[]

export function isStartPosition(value: unknown): value is StartPosition {
  if (value === 'earliest' || value === 'latest') return true
  if (Array.isArray(value)) return value.every((one) => isWhole(one?.offset) && isWhole(one?.partition))
  return anObject.is(value) && isWhole((value as { readonly timestamp?: unknown }).timestamp)
}

const isWhole = wholeNumber(0).is
