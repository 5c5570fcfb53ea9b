/** Memory of a run by how many records it had written: whether it grows with them. */
import type { Series } from './rates.ts'
import type { Sample } from './sampler.ts'
import { median } from './stats.ts'

export type MemoryCurve = readonly (readonly [records: number, bytes: number])[]

/** Points that are enough for a chart. */
const points = 100

/** The samples between the first and the last record, thinned out. */
export function memoryBy(samples: readonly Sample[], series: Series): MemoryCurve {
  const [first, last] = [series[0]?.[0] ?? Infinity, series.at(-1)?.[0] ?? 0]
  const within = samples.filter(({ at }) => at >= first && at <= last)
  const every = Math.max(1, Math.ceil(within.length / points))
  let next = 0
  return within
    .filter((_, at) => at % every === 0)
    .map(({ at, resident }) => {
      while (next < series.length && (series[next] as Series[number])[0] <= at) next += 1
      return [series[next - 1]?.[1] ?? 0, resident]
    })
}

/** The median of the last quarter of the records as a multiple of that of the second: the first is for warming up. null: too few points. */
export function growthOf(curve: MemoryCurve): number | null {
  const all = curve.at(-1)?.[0] ?? 0
  const within = (from: number, to: number): number =>
    median(curve.filter(([records]) => records >= from * all && records <= to * all).map(([, bytes]) => bytes))
  const growth = within(0.75, 1) / within(0.25, 0.5)
  return Number.isFinite(growth) ? growth : null
}
