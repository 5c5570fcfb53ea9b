import type { Add, Distribution, Metric, MetricLabels } from './metric.ts'
import { type MetricName, rowOf } from './metricList.ts'

export interface Gathered {
  readonly add: Add
  histogram(name: MetricName, labels: MetricLabels, histogram: { readonly sum: number } & Distribution): void
  readonly all: readonly Metric[]
}

/** Collects values into a snapshot. */
export function gather(common: MetricLabels): Gathered {
  const all: Metric[] = []
  return {
    all,
    add(name, labels, value) {
      if (!Number.isFinite(value)) return
      const { unit, kind } = rowOf(name)
      all.push({ name, labels: { ...common, ...labels }, value, unit, kind })
    },
    histogram(name, labels, { sum, ...distribution }) {
      const { unit, kind } = rowOf(name)
      all.push({ name, labels: { ...common, ...labels }, value: sum, unit, kind, distribution })
    },
  }
}
