import { badOptions, unknownOptions } from '../../options.ts'

/**
 * Allowed difference between the timestamps of the right and the left element, whole ms, which may
 * be negative.
 *
 *     { from: 0, to: 3_600_000 }        at the same time or at most an hour later
 *     { after: -5_000, before: 5_000 }  less than five seconds apart
 */
export type Interval = IntervalStart & IntervalEnd

type IntervalStart =
  | {
      /** Smallest difference, inclusive, ms. */
      readonly from: number
      /** Lower bound, exclusive, ms; instead of `from`. Default: not given. */
      readonly after?: never
    }
  | {
      /** Lower bound, exclusive, ms. */
      readonly after: number
      /** Smallest difference, inclusive, ms; instead of `after`. Default: not given. */
      readonly from?: never
    }

type IntervalEnd =
  | {
      /** Largest difference, inclusive, ms. */
      readonly to: number
      /** Upper bound, exclusive, ms; instead of `to`. Default: not given. */
      readonly before?: never
    }
  | {
      /** Upper bound, exclusive, ms. */
      readonly before: number
      /** Largest difference, inclusive, ms; instead of `before`. Default: not given. */
      readonly to?: never
    }

const names = Object.keys({ from: 0, after: 0, to: 0, before: 0 })

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
export function boundsOf(operator: string, interval: Interval): Bounds {
  const { from, after, to, before } = interval
  const lower = from ?? Number(after) + 1
  const upper = to ?? Number(before) - 1
  const given = [from, after, to, before].filter((bound) => bound !== undefined)
  const unknown = unknownOptions(interval, names, 'interval.')
  const isRange = given.length === 2 && given.every(Number.isSafeInteger) && lower <= upper
  if (isRange && unknown.length === 0) return { lower, upper }
  const shown = Object.entries(interval).map(([name, value]) => `${name}: ${value}`)
  throw badOptions(
    operator,
    [...unknown, ...(isRange ? [] : [`interval is { ${shown.join(', ')} }, must be a range of whole ms`])],
    {
      where: { operator },
      hint: 'Give one of from and after, and one of to and before; the interval must not end before it begins',
    },
  )
}
