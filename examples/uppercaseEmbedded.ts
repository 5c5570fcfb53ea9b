/**
 * The uppercase job without a broker: the same pipeline on the embedded log, one file on this
 * machine.
 */
import { defineJob, type Job, map, noWatermarks, nullable, samePartition, text, to } from 'rxweft'
import { type EmbeddedLog, embeddedSink, embeddedSource } from 'rxweft/embedded'
import type { UppercaseOptions } from './uppercase.ts'

export function uppercaseEmbedded(log: EmbeddedLog, options: UppercaseOptions): Job {
  const { name, source, sink, until } = options
  const startFrom = options.startFrom === 'latest' ? 'latest' : 'earliest'
  const line = nullable(text)
  return defineJob(name, ({ from }) =>
    from(embeddedSource(log, { topic: source, startFrom, until, value: line }), noWatermarks()).pipe(
      map((text) => text?.toUpperCase() ?? null),
      to(embeddedSink(log, { topic: sink, value: line, partitioner: samePartition })),
    ),
  )
}
