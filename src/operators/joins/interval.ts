import { FatalError } from '../../errors.ts'

/**
 * Allowed difference between the timestamps of the right and the left element, whole ms, which may
 * be negative.
 *
 *     { from: 0, to: 3_600_000 }        at the same time or at most an hour later
 *     { after: -5_000, before: 5_000 }  less than five seconds apart
 */
export type Interval = (
  | { readonly from: number; readonly after?: never }
  | { readonly after: number; readonly from?: never }
) &
  ({ readonly to: number; readonly before?: never } | { readonly before: number; readonly to?: never })

/** Smallest and largest difference, ms, both inclusive. */
export interface Bounds {
  readonly lower: number
  readonly upper: number
}

/**
 * Checks the interval. Timestamps are whole ms, so "less than 5" is "at most 4".
 *
 * @throws BAD_OPTION if it is not an interval
 */
export function boundsOf(operator: string, { from, after, to, before }: Interval): Bounds {
  const lower = from ?? Number(after) + 1
  const upper = to ?? Number(before) - 1
  const given = [from, after, to, before].filter((bound) => bound !== undefined)
  if (given.length === 2 && given.every(Number.isSafeInteger) && lower <= upper) return { lower, upper }
  throw new FatalError('BAD_OPTION', `the interval is ${JSON.stringify({ from, after, to, before })}`, {
    where: { operator },
    hint: 'Give `from` or `after`, and `to` or `before`, in whole ms, and let it not end before it begins',
  })
}
