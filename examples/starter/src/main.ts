/**
 * Runs the job on Kafka until SIGTERM or SIGINT, which end it with a final checkpoint.
 *
 *   KAFKA_BROKERS   host:port, ...   default localhost:9092
 */
import { execute, fileStorage, json } from 'rxweft'
import { kafkaCluster, kafkaSink, kafkaSource } from 'rxweft/kafka'
import { type Order, type Total, totals } from './totals.ts'

const kafka = kafkaCluster({ brokers: (process.env.KAFKA_BROKERS ?? 'localhost:9092').split(',') })
const job = totals(
  kafkaSource(kafka, { topic: 'orders', value: json<Order>() }),
  kafkaSink(kafka, { topic: 'totals', value: json<Total>() }),
)

const running = execute(job, { storage: fileStorage('./checkpoints') })
running.events$.subscribe((event) => {
  if (event.type === 'restored') console.log(`goes on at checkpoint ${event.checkpoint}`)
  if (event.type === 'restarting') console.warn(event.error.message)
})
process.once('SIGTERM', () => void running.stop())
process.once('SIGINT', () => void running.stop())
await running.done
