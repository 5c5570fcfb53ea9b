/** A metric as prom-client exposes it. Its own classes cannot take over existing counts. */
import type { Distribution, Metric, MetricLabels } from '../metrics/metric.ts'
import { type MetricLabel, type MetricName, rowOf } from '../metrics/metricList.ts'
import { prometheusLabel, prometheusName } from '../metrics/prometheusNames.ts'

interface Sample {
  readonly value: number
  readonly labels: Readonly<Record<string, string | number>>
  /** Name of a part of a histogram. */
  readonly metricName?: string
}

interface Fixed {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly aggregator: 'sum'
}

/** The part of prom-client's `Metric` that a registry uses. */
export interface NamedMetric extends Fixed {
  get(): Promise<Fixed & { readonly values: readonly Sample[] }>
  reset(): void
}

/** What is the same in each scrape, and how values are exposed. */
export function exposed(name: MetricName): Fixed & { valuesOf(metric: Metric): readonly Sample[] } {
  const { kind, text } = rowOf(name)
  const own = prometheusName(name)
  return {
    ...{ name: own, help: text, type: kind, aggregator: 'sum' },
    valuesOf({ labels: given, value, distribution }) {
      const labels = labelsOf(given)
      return distribution === undefined ? [{ labels, value }] : partsOf(own, labels, value, distribution)
    },
  }
}

function labelsOf(labels: MetricLabels): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).map(([label, value]) => [prometheusLabel(label as MetricLabel), value]),
  )
}

/** Buckets of Prometheus count all observations up to their bound. */
function partsOf(
  name: string,
  labels: Readonly<Record<string, string>>,
  sum: number,
  { count, bounds, counts }: Distribution,
): readonly Sample[] {
  let below = 0
  const buckets = counts.map((inBucket, at) => {
    below += inBucket
    return { metricName: `${name}_bucket`, labels: { ...labels, le: bounds[at] ?? '+Inf' }, value: below }
  })
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ]
}
