import { defineJob, execute, fileStorage, map, noWatermarks, text, to } from 'rxweft'
import { kafkaCluster, kafkaSink, kafkaSource } from 'rxweft/kafka'

const kafka = kafkaCluster({ brokers: ['kafka-broker1:9092', 'kafka-broker2:9092'] })

const uppercase = defineJob('uppercase', ({ from }) =>
  from(
    kafkaSource(kafka, { topic: 'source-topic', groupId: 'uppercase', startFrom: 'earliest', value: text }),
    noWatermarks(),
  ).pipe(
    map((line) => line.toUpperCase()),
    to(kafkaSink(kafka, { topic: 'sink-topic', value: text, linger: 100, acks: 'all', guarantee: 'exactly-once' })),
  ),
)

const job = execute(uppercase, {
  checkpointing: { mode: 'exactly-once', interval: 5_000, minPause: 2_000, timeout: 60_000, maxConcurrent: 1 },
  storage: fileStorage('./checkpoints'),
})
process.once('SIGTERM', job.stop) // a final checkpoint, then the end
await job.done
