import type { Distribution } from './metric.ts'

/** Counts observations in buckets, from the first one on. */
export interface Histogram {
  observe(value: number): void
  read(): Distribution & { readonly sum: number }
}

/** Upper bounds for durations, s: 5 ms to 5 min. */
export const durations = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300] as const

/** Upper bounds for sizes, bytes: 1 KiB to 16 GiB. */
export const sizes = [10, 14, 18, 20, 22, 24, 26, 28, 30, 32, 34].map((power) => 2 ** power)

export function histogram(bounds: readonly number[]): Histogram {
  const counts = new Array<number>(bounds.length + 1).fill(0)
  let sum = 0
  let count = 0
  return {
    observe(value) {
      const at = bounds.findIndex((bound) => value <= bound)
      const bucket = at < 0 ? bounds.length : at
      counts[bucket] = (counts[bucket] as number) + 1
      sum += value
      count += 1
    },
    read: () => ({ sum, count, bounds, counts: [...counts] }),
  }
}
