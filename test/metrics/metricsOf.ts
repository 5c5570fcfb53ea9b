/** Values of metrics by name and labels, for tests. */
import type { Measured, Metric, MetricLabels, MetricName } from 'rxweft'

export interface MetricsThen {
  readonly all: readonly Metric[]
  /** Value of the only metric of this name that has these labels; undefined if there is none. */
  value(name: MetricName, labels?: MetricLabels): number | undefined
  one(name: MetricName, labels?: MetricLabels): Metric | undefined
}

export async function metricsOf(measured: Measured): Promise<MetricsThen> {
  const all = await measured.metrics()
  const one = (name: MetricName, labels: MetricLabels = {}): Metric | undefined => {
    const found = all.filter((metric) => metric.name === name && hasAll(metric.labels, labels))
    if (found.length > 1) throw new Error(`${found.length} values of ${name} with ${JSON.stringify(labels)}`)
    return found[0]
  }
  return { all, one, value: (name, labels) => one(name, labels)?.value }
}

function hasAll(labels: MetricLabels, wanted: MetricLabels): boolean {
  return Object.entries(wanted).every(([name, value]) => labels[name as keyof MetricLabels] === value)
}
