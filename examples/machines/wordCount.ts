/**
 * Word count as it runs in a container: settings from the environment, probes, snapshots in Kafka, so that no volume is needed.
 * `npm run machines` runs it over three brokers, and kills, freezes, cuts off and restarts all of them.
 *
 *   KAFKA_BROKERS   host:port, ...                       default localhost:9092
 *   SHARDS          at the first start                   default 16
 *   INTERVAL        of checkpoints, ms                   default 1000
 *   PORT            of the probes /ready and /live       default 8080
 */
import { createServer } from 'node:http'
import { isMainThread } from 'node:worker_threads'
import { execute, json, text } from 'rxweft'
import { kafkaCluster, kafkaRepartition, kafkaSink, kafkaSource, ledgerStorage } from 'rxweft/kafka'
import { manyCores } from '../manyCores.ts'

const { env } = process
const kafka = kafkaCluster({ brokers: (env.KAFKA_BROKERS ?? 'localhost:9092').split(',') })
const job = manyCores(
  kafkaSource(kafka, { topic: 'lines', value: text }),
  kafkaRepartition(kafka, { name: 'words', partitions: 32, key: text, value: text }),
  kafkaSink(kafka, { topic: 'counts', value: json() }),
)
const running = execute(job, {
  shards: Number(env.SHARDS ?? 16),
  checkpointing: { interval: Number(env.INTERVAL ?? 1_000) },
  storage: ledgerStorage(),
})
if (isMainThread) {
  createServer((request, response) => {
    const { ready, live, reasons } = running.health()
    response.statusCode = (request.url === '/live' ? live : ready) ? 200 : 503
    response.end(`${reasons.join('\n')}\n`)
  })
    .listen(Number(env.PORT ?? 8080))
    .unref()
  running.events$.subscribe((event) => {
    if (event.type === 'restarting') console.warn(event.error.message)
  })
}
process.once('SIGTERM', running.stop)
await running.done
