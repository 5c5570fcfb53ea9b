/**
 * Rates from when records were appended to the sink, which is the same for everybody: what a program says of itself, and when it was started, are
 * left out.
 *
 *   records  0 --------- 1/3 ------------------ all
 *            first       |<------- warm ------->|          a third to warm up, which a JVM needs
 */

/** ms since the epoch, and how many records had been appended by then; both rise. */
export type Series = readonly (readonly [at: number, records: number])[]

export interface Span {
  readonly from: number
  readonly to: number
  /** Those appended after `from`, up to `to`. */
  readonly records: number
}

/** From the first point at which so many records are there to the last one; null where that is no time at all. */
export function spanFrom(series: Series, records: number): Span | null {
  const first = series.find(([, count]) => count >= records)
  const last = series.at(-1)
  if (first === undefined || last === undefined || last[0] <= first[0]) return null
  return { from: first[0], to: last[0], records: last[1] - first[1] }
}

export function wholeSpan(series: Series): Span | null {
  return spanFrom(series, 0)
}

/** The last two thirds of the records. */
export function warmSpan(series: Series): Span | null {
  return spanFrom(series, (series.at(-1)?.[1] ?? 0) / 3)
}

/** Records a second. */
export function rateOf({ from, to, records }: Span): number {
  return (records * 1_000) / (to - from)
}
