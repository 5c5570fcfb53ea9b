/** Names of metrics and attributes, where they fit after OpenTelemetry's messaging conventions. */
import type { Attributes } from '@opentelemetry/api'
import type { MetricLabels } from '../metrics/metric.ts'
import { type MetricLabel, type MetricName, type MetricUnit, rowOf } from '../metrics/metricList.ts'

const conventional: Partial<Record<MetricName, string>> = {
  'source.records': 'messaging.client.consumed.messages',
  'sink.records': 'messaging.client.sent.messages',
}

/** What the conventions want to know of a message. */
const operations: Partial<Record<MetricName, Attributes>> = {
  'source.records': { 'messaging.system': 'rxweft', 'messaging.operation.name': 'poll' },
  'sink.records': { 'messaging.system': 'rxweft', 'messaging.operation.name': 'send' },
}

const labels: Partial<Record<MetricLabel, string>> = {
  topic: 'messaging.destination.name',
  partition: 'messaging.destination.partition.id',
  code: 'error.type',
}

const units: Readonly<Record<MetricUnit, string>> = { s: 's', bytes: 'By', records: '{record}', 1: '1' }

/** Name of a metric in OpenTelemetry. */
export function otelName(name: MetricName): string {
  return conventional[name] ?? `rxweft.${name}`
}

export function otelUnit(name: MetricName): string {
  return name in conventional ? '{message}' : units[rowOf(name).unit]
}

export function attributesOf(name: MetricName, given: MetricLabels): Attributes {
  const own = Object.entries(given).map(([label, value]) => [labels[label as MetricLabel] ?? `rxweft.${label}`, value])
  return { ...operations[name], ...Object.fromEntries(own) }
}
