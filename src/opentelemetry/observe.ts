/**
 * Metrics as instruments: counters and gauges are observed at each collection. There is no
 * observable histogram, so histograms are recorded as things happen.
 */
import type { BatchObservableCallback, Meter, Observable } from '@opentelemetry/api'
import { hear } from '../metrics/channels.ts'
import type { Measured } from '../metrics/metric.ts'
import { type MetricName, metricNames, rowOf } from '../metrics/metricList.ts'
import { attributesOf, otelName, otelUnit } from './otelNames.ts'

/** @returns each ends a part of it */
export function observe(job: Measured, meter: Meter): readonly (() => void)[] {
  return [observed(job, meter), ...recorded(job.job, meter)]
}

const optionsOf = (name: MetricName) => ({ unit: otelUnit(name), description: rowOf(name).text })

function observed(job: Measured, meter: Meter): () => void {
  const instruments = new Map<MetricName, Observable>()
  for (const name of metricNames) {
    const { kind } = rowOf(name)
    if (kind === 'counter') instruments.set(name, meter.createObservableCounter(otelName(name), optionsOf(name)))
    if (kind === 'gauge') instruments.set(name, meter.createObservableGauge(otelName(name), optionsOf(name)))
  }
  const callback: BatchObservableCallback = async (result) => {
    for (const { name, labels, value } of await job.metrics()) {
      const instrument = instruments.get(name)
      if (instrument !== undefined) result.observe(instrument, value, attributesOf(name, labels))
    }
  }
  const all = [...instruments.values()]
  meter.addBatchObservableCallback(callback, all)
  return () => meter.removeBatchObservableCallback(callback, all)
}

function recorded(job: string, meter: Meter): readonly (() => void)[] {
  const histogram = (name: MetricName) => {
    const made = meter.createHistogram(otelName(name), optionsOf(name))
    return (value: number, labels: Parameters<typeof attributesOf>[1]) => made.record(value, attributesOf(name, labels))
  }
  const takeover = histogram('shard.takeover')
  const duration = histogram('checkpoint.duration')
  const phase = histogram('checkpoint.phase')
  const bytes = histogram('checkpoint.bytes')

  return [
    hear('rxweft:takeover', job, (one) => takeover(one.duration / 1e3, { job, shard: String(one.shard) })),
    hear('rxweft:checkpoint', job, (one) => {
      if (one.phases === undefined) return
      const labels = { job, shard: String(one.shard) }
      duration(one.duration / 1e3, labels)
      bytes(one.bytes, labels)
      for (const [name, took] of Object.entries(one.phases)) phase(took / 1e3, { ...labels, phase: name })
    }),
  ]
}
