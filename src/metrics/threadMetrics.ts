/**
 * Event loop and heap of a thread. The delay is measured from the first reading on: a process whose
 * metrics nobody reads does not wake up for it.
 */
import { type IntervalHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import type { Add } from './metric.ts'

/** Sampling interval of the delay, ms. */
const resolution = 20

/** The delay covers at least this long, ms, so that several readers do not disturb one another. */
const window = 10_000

const quantiles = [
  ['0.5', 50],
  ['0.99', 99],
  ['1', 100],
] as const

let delay: { readonly histogram: IntervalHistogram; since: number } | undefined

/** Adds the metrics of this thread. */
export function addThread(add: Add, thread: string): void {
  const { active } = performance.eventLoopUtilization()
  add('thread.busy', { thread }, active / 1e3)
  add('thread.heap', { thread }, getHeapStatistics().used_heap_size)
  for (const [quantile, value] of delays()) add('thread.delay', { thread, quantile }, value)
}

function* delays(): Generator<readonly [quantile: string, value: number]> {
  delay ??= started()
  const { histogram, since } = delay
  // An empty histogram reports nonsense.
  if (histogram.count > 0) {
    for (const [quantile, percentile] of quantiles) {
      // What is measured is the time between two samples.
      yield [quantile, Math.max(0, histogram.percentile(percentile) / 1e9 - resolution / 1e3)]
    }
  }
  if (performance.now() - since < window) return
  histogram.reset()
  delay.since = performance.now()
}

function started(): NonNullable<typeof delay> {
  const histogram = monitorEventLoopDelay({ resolution })
  histogram.enable()
  return { histogram, since: performance.now() }
}
