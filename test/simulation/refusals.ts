/**
 * Brokers that refuse some records when they get them, in some schedules of their own: those of seeds from `refusalSeeds` on. So all other
 * seeds are what they were.
 */
import { readBatches } from '../../src/kafka/batch/readBatches.ts'
import type { RefusedIndex } from '../../src/kafka/protocol/produce.ts'
import { errors } from './broker/errors.ts'
import { seededRandom } from './core/random.ts'

export interface Refusals {
  /** What the job does about them. */
  readonly onError: 'skip' | 'dead-letter'
  /** Whether brokers name the records, as they do for timestamps, or say no more than that the batch is too large. */
  readonly named: boolean
  /** From when on, virtual ms; before, they take such records. */
  readonly from: number
}

export const refusalSeeds = 500_000_000
export const deadLetters = 'dead-letters'

/** undefined: brokers take everything. @param horizon how long faults go on, ms */
export function refusalsOf(seed: number, horizon: number): Refusals | undefined {
  if (seed < refusalSeeds) return undefined
  const random = seededRandom(seed - refusalSeeds + 1)
  return {
    onError: random.chance(0.3) ? 'skip' : 'dead-letter',
    named: random.chance(0.5),
    from: random.chance(0.5) ? 0 : 1_000_000 + random.below(horizon),
  }
}

/** Whether brokers refuse this value, `17|4|35`, once they do. */
export function isRefused(value: string): boolean {
  return Number(value.split('|')[0]) % 5 === 3
}

/** The number as a value of the source: what is refused for its size is large. */
export function sourceValue(refusals: Refusals | undefined, number: number): string {
  const value = String(number)
  return refusals?.named === false && isRefused(value) ? value.padStart(2 * mostBytes, '0') : value
}

/** What brokers take, bytes a batch, where that is the reason. */
const mostBytes = 1_200

/** null: the batch may be appended. Brokers look at this before they look for a batch that they have. */
export function refusalOf(
  refusals: Refusals,
  now: number,
  records: Buffer,
): { readonly errorCode: number; readonly refused: readonly RefusedIndex[] } | null {
  if (now < refusals.from) return null
  if (!refusals.named) return records.length > mostBytes ? { errorCode: errors.tooLarge, refused: [] } : null
  const refused: RefusedIndex[] = []
  let index = 0
  for (const batch of readBatches(records, { topic: '', partition: 0 })) {
    batch.records((record) => {
      if (isRefused(String(record.value()))) refused.push({ index, message: 'simulated' })
      index += 1
    })
  }
  return refused.length === 0 ? null : { errorCode: errors.invalidTimestamp, refused }
}
