/**
 * Kafka to Kafka, exactly once: reads lines from one topic and writes them in upper case to
 * another. Kill it whenever you like.
 *
 *   npm run uppercase -- --brokers localhost:9092 --source source-topic --sink sink-topic
 * --checkpoints ./checkpoints
 */
import { defineJob, type Job, map, noWatermarks, nullable, samePartition, text, to } from 'rxweft'
import { type KafkaCluster, kafkaSink, kafkaSource, type StartFrom } from 'rxweft/kafka'

export interface UppercaseOptions {
  readonly name: string
  readonly source: string
  readonly sink: string
  readonly startFrom?: StartFrom | undefined
  readonly until?: 'latest' | undefined
  readonly transactionTimeout?: number | undefined
}

export function uppercase(kafka: KafkaCluster, options: UppercaseOptions): Job {
  const { name, source, sink, startFrom, until, transactionTimeout } = options
  // A tombstone, a record without a value, stays a tombstone.
  const line = nullable(text)
  return defineJob(name, ({ from }) =>
    from(kafkaSource(kafka, { topic: source, groupId: name, startFrom, until, value: line }), noWatermarks()).pipe(
      map((text) => text?.toUpperCase() ?? null),
      to(kafkaSink(kafka, { topic: sink, value: line, partitioner: samePartition, transactionTimeout })),
    ),
  )
}
