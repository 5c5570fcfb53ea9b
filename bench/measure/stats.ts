/** Median of several runs, with the smallest and the largest. */

export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
  readonly runs: number
}

/** null where there is nothing. */
export function spread(values: readonly number[]): Spread | null {
  if (values.length === 0) return null
  const sorted = [...values].sort((a, b) => a - b)
  return { median: medianOf(sorted), min: sorted[0] as number, max: sorted.at(-1) as number, runs: sorted.length }
}

export function median(values: readonly number[]): number {
  return spread(values)?.median ?? Number.NaN
}

/** The middle; of an even number of values the mean of the two in the middle. */
function medianOf(sorted: readonly number[]): number {
  const upper = sorted[Math.floor(sorted.length / 2)] as number
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] as number
  return (lower + upper) / 2
}
