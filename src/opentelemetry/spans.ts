/**
 * Spans of takeovers and checkpoints, made when they have ended: a span of its own trace each, so
 * that a trace does not grow for as long as the job runs. A checkpoint is linked to its takeover.
 */
import { ROOT_CONTEXT, type SpanContext, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import { type CheckpointMessage, hear, type TakeoverMessage } from '../metrics/channels.ts'

/** @returns each ends a part of it */
export function traceJob(job: string, tracer: Tracer): readonly (() => void)[] {
  /** By shard: span of the takeover by the current attempt. */
  const takeovers = new Map<number, SpanContext>()

  const onTakeover = ({ duration, checkpoint, ...one }: TakeoverMessage): void => {
    const end = Date.now()
    const attributes = { ...commonOf(one), 'rxweft.checkpoint': checkpoint }
    const span = tracer.startSpan('rxweft takeover', { startTime: end - duration, attributes }, ROOT_CONTEXT)
    span.end(end)
    takeovers.set(one.shard, span.spanContext())
  }

  const onCheckpoint = (one: CheckpointMessage): void => {
    const end = Date.now()
    const startTime = end - one.duration
    const attributes = {
      ...commonOf(one),
      'rxweft.checkpoint': one.checkpoint,
      'rxweft.checkpoint.final': one.final,
      'rxweft.checkpoint.bytes': one.bytes,
      ...(one.code === undefined ? {} : { 'error.type': one.code }),
    }
    const takeover = takeovers.get(one.shard)
    const links = takeover === undefined ? [] : [{ context: takeover }]
    const span = tracer.startSpan('rxweft checkpoint', { startTime, attributes, links }, ROOT_CONTEXT)
    if (one.code !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: one.code })
    let at = startTime
    for (const [phase, took] of Object.entries(one.phases ?? {})) {
      const child = tracer.startSpan(`rxweft ${phase}`, { startTime: at }, trace.setSpan(ROOT_CONTEXT, span))
      at += took
      child.end(at)
    }
    span.end(end)
  }

  return [hear('rxweft:takeover', job, onTakeover), hear('rxweft:checkpoint', job, onCheckpoint)]
}

function commonOf({ job, shard, attempt }: Pick<CheckpointMessage, 'job' | 'shard' | 'attempt'>) {
  return { 'rxweft.job': job, 'rxweft.shard': shard, 'rxweft.attempt': attempt }
}
