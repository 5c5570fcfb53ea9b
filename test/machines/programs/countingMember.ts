/**
 * Counts the records of each key, on a real broker, in as many processes as are started: each prints its events and its end as JSON.
 *
 *   countingMember.ts BROKERS JOB INPUT OUTPUT FOLDER SHARDS INSTANCE
 *
 * SIGTERM hands its shards over, SIGINT stops the whole job, SIGUSR2 stops it and keeps the savepoint "last".
 */
import { isMainThread } from 'node:worker_threads'
import { defineJob, execute, fileStorage, fixedDelay, keyBy, mapWithState, text, to } from 'rxweft'
import { kafkaCluster, kafkaMembers, kafkaSink, kafkaSource } from '../../../src/kafka/index.ts'
import { samePartition } from '../../../src/sinks/partitioner.ts'

const [brokers = '', name = '', input = '', output = '', folder = '', shards = '1', instance = ''] =
  process.argv.slice(2)
const cluster = kafkaCluster({ brokers: brokers.split(',') })

const counting = defineJob(name, ({ from }) =>
  from(kafkaSource(cluster, { topic: input, value: text })).pipe(
    keyBy((word) => word),
    mapWithState((count: number, word) => [count + 1, `${word}:${count + 1}`], 0, { id: 'counts' }),
    to(kafkaSink(cluster, { topic: output, value: text, partitioner: samePartition })),
  ),
)

const job = execute(counting, {
  // A folder that all processes of this machine see.
  storage: { ...fileStorage(folder), shared: true },
  checkpointing: { interval: 100 },
  restart: fixedDelay({ attempts: Number.POSITIVE_INFINITY, delay: 100 }),
  shards: Number(shards),
  threads: 2,
  members: kafkaMembers(cluster, { instance, sessionTimeout: 6_000 }),
})
if (isMainThread) {
  process.once('SIGTERM', () => void job.leave())
  process.once('SIGINT', () => void job.stop())
  process.once('SIGUSR2', () => void job.stop({ savepoint: 'last' }).catch((error) => console.log(String(error))))
  job.events$.subscribe((event) => {
    if (!event.type.startsWith('checkpoint-')) console.log(JSON.stringify({ at: Date.now(), ...event }))
  })
}
try {
  console.log(JSON.stringify(await job.done))
} catch (error) {
  console.log(String(error))
  process.exitCode = 1
}
