/**
 * Word count over any number of processes: each runs this program, and the shards spread over those that are alive. Snapshots lie in
 * Kafka, so no volume is needed. `npm run machines` kills, freezes, cuts off and restarts the processes and their brokers;
 * kubernetes.yaml and compose.yaml beside this file run it in containers.
 *
 *   KAFKA_BROKERS   host:port, ...                       default localhost:9092
 *   INSTANCE        name that survives a restart         default the name of the host
 *   SESSION         silence of a dead process, ms        default 10000
 *   SHARDS          at the first start                   default 16
 *   THREADS         of this process                      default the number of cores
 *   INTERVAL        of checkpoints, ms                   default 1000
 *   PORT            of the probes /ready and /live       default 8080
 */
import { createServer } from 'node:http'
import { availableParallelism, hostname } from 'node:os'
import { isMainThread } from 'node:worker_threads'
import { execute, json, text } from 'rxweft'
import { kafkaCluster, kafkaMembers, kafkaRepartition, kafkaSink, kafkaSource, ledgerStorage } from 'rxweft/kafka'
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
  threads: Number(env.THREADS ?? availableParallelism()),
  members: kafkaMembers(kafka, {
    instance: env.INSTANCE ?? hostname(),
    sessionTimeout: Number(env.SESSION ?? 10_000),
  }),
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
process.once('SIGTERM', () => void running.leave())
await running.done
