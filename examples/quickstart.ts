import { defineJob, execute, fileStorage, map, text, to } from 'rxweft'
import { kafkaCluster, kafkaSink, kafkaSource } from 'rxweft/kafka'

const kafka = kafkaCluster({ brokers: ['localhost:9092'] })
const uppercase = defineJob('uppercase', ({ from }) =>
  from(kafkaSource(kafka, { topic: 'lines', value: text })).pipe(
    map((line) => line.toUpperCase()),
    to(kafkaSink(kafka, { topic: 'upper-lines', value: text })),
  ),
)
const job = execute(uppercase, { storage: fileStorage('./checkpoints') })
await job.done
