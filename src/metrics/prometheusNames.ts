import type { MetricLabel, MetricName } from './metricList.ts'
import { rowOf } from './metricList.ts'

const suffixes = { s: '_seconds', bytes: '_bytes', records: '', 1: '' } as const

/** Name of a metric in Prometheus: `source.records` is `rxweft_source_records_total`. */
export function prometheusName(name: MetricName): string {
  const { unit, kind } = rowOf(name)
  const plain = `rxweft_${name.replaceAll('.', '_')}`
  const suffix = suffixes[unit]
  return `${plain.endsWith(suffix) ? plain : plain + suffix}${kind === 'counter' ? '_total' : ''}`
}

/** Label in Prometheus, which gives `job` a meaning of its own. */
export function prometheusLabel(label: MetricLabel): string {
  return label === 'job' ? 'job_name' : label
}
