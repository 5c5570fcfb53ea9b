import { type MeterProvider, metrics, type TracerProvider, trace } from '@opentelemetry/api'
import type { Measured } from '../metrics/metric.ts'
import { observe } from './observe.ts'
import { traceJob } from './spans.ts'

/** Options of `openTelemetry`. */
export interface OpenTelemetryOptions {
  /** Provider of the meter. Default: the global one. */
  readonly meterProvider?: MeterProvider | undefined
  /** Provider of the tracer. Default: the global one. */
  readonly tracerProvider?: TracerProvider | undefined
}

/**
 * Publishes the metrics of a job through the OpenTelemetry API, and a span for each takeover and
 * each checkpoint, with a child for each phase.
 *
 * ```ts
 * openTelemetry(execute(job, options))
 * ```
 *
 * A span of a checkpoint is linked to that of the takeover before it. Set up the SDK first, or pass
 * its providers.
 *
 * @returns ends it
 */
export function openTelemetry(
  job: Measured,
  { meterProvider = metrics.getMeterProvider(), tracerProvider = trace.getTracerProvider() }: OpenTelemetryOptions = {},
): () => void {
  const ends = [
    ...observe(job, meterProvider.getMeter('rxweft')),
    ...traceJob(job.job, tracerProvider.getTracer('rxweft')),
  ]
  return () => {
    for (const end of ends) end()
  }
}
