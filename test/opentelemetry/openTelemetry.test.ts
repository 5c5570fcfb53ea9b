/** Metrics and spans of a job, in the real SDK of OpenTelemetry. */
import { SpanStatusCode } from '@opentelemetry/api'
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { describe, expect, it } from 'vitest'
import { fixedDelay } from '../../src/job/restart.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { openTelemetry } from '../../src/opentelemetry/index.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import type { TransactionalSink } from '../../src/sinks/sink.ts'
import { start, upper } from '../job/running.ts'
import { failingSink } from '../metrics/failingSink.ts'

class Reader extends MetricReader {
  protected async onForceFlush(): Promise<void> {}
  protected async onShutdown(): Promise<void> {}
}

function instrumented(name: string, sink: TransactionalSink<string> = memorySink<string>()) {
  const reader = new Reader()
  const spans = new InMemorySpanExporter()
  const providers = {
    meterProvider: new MeterProvider({ readers: [reader] }),
    tracerProvider: new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }),
  }
  const from = memorySource<string>()
  from.push('a')
  const running = start(upper(from, sink, name), { restart: fixedDelay({ attempts: 3, delay: 100 }) })
  const end = openTelemetry(running.handle, providers)
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 50) await running.clock.advanceAsync(50)
  }
  const collect = async () => {
    const { resourceMetrics, errors } = await reader.collect()
    expect(errors).toEqual([])
    const all = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics)
    return (name: string) => all.find(({ descriptor }) => descriptor.name === name)
  }
  return { ...running, end, pass, collect, spans: () => spans.getFinishedSpans() }
}

describe('openTelemetry(job)', () => {
  it('observes metrics, by the names of the messaging conventions where they fit', async () => {
    const { pass, collect } = instrumented('upper')
    await pass(2_000)
    const metric = await collect()
    expect(metric('messaging.client.consumed.messages')).toMatchObject({
      descriptor: { unit: '{message}' },
      dataPoints: [
        {
          value: 1,
          attributes: {
            'rxweft.job': 'upper',
            'rxweft.source': 'memorySource:memory',
            'messaging.operation.name': 'poll',
          },
        },
      ],
    })
    expect(metric('messaging.client.sent.messages')?.dataPoints[0]?.value).toBe(1)
    expect(metric('rxweft.source.lag')?.dataPoints[0]).toMatchObject({
      value: 0,
      attributes: { 'messaging.destination.name': 'memory', 'messaging.destination.partition.id': '0' },
    })
    expect(metric('rxweft.checkpoint.duration')).toMatchObject({
      descriptor: { unit: 's' },
      dataPoints: [{ value: { count: 1 } }],
    })
    expect(metric('rxweft.checkpoint.phase')?.dataPoints).toHaveLength(3)
  })

  it('makes a span of each checkpoint, with its phases, linked to that of the takeover', async () => {
    const { pass, spans } = instrumented('upper')
    await pass(2_000)
    const [takeover, ...others] = spans()
    const checkpoint = others.find(({ name }) => name === 'rxweft checkpoint')
    expect(takeover).toMatchObject({ name: 'rxweft takeover', attributes: { 'rxweft.checkpoint': 0 } })
    expect(checkpoint).toMatchObject({
      attributes: { 'rxweft.job': 'upper', 'rxweft.shard': 0, 'rxweft.checkpoint': 1 },
    })
    expect(checkpoint?.links.map(({ context }) => context.spanId)).toEqual([takeover?.spanContext().spanId])
    const phases = others.filter(
      ({ parentSpanContext }) => parentSpanContext?.spanId === checkpoint?.spanContext().spanId,
    )
    expect(phases.map(({ name }) => name)).toEqual(['rxweft barrier', 'rxweft store', 'rxweft commit'])
  })

  it('marks the span of a checkpoint that has failed, and links the next one to the next takeover', async () => {
    const { pass, spans } = instrumented('upper', failingSink(1))
    await pass(4_000)
    const [failed, second] = spans().filter(({ name }) => name === 'rxweft checkpoint')
    expect(failed).toMatchObject({
      status: { code: SpanStatusCode.ERROR, message: 'PREPARE_FAILED' },
      attributes: { 'error.type': 'PREPARE_FAILED' },
    })
    const takeovers = spans().filter(({ name }) => name === 'rxweft takeover')
    expect(takeovers).toHaveLength(2)
    expect(second?.links[0]?.context.spanId).toBe(takeovers[1]?.spanContext().spanId)
  })

  it('ends when it is told to', async () => {
    const { pass, spans, end, collect } = instrumented('upper')
    end()
    await pass(2_000)
    expect(spans()).toEqual([])
    expect((await collect())('rxweft.shard.running')).toBeUndefined()
  })
})
