/**
 * Counts words behind a repartition topic, on a real broker, in as many processes as are started; prints its events and its end as JSON.
 *
 *   movedMember.ts BROKERS JOB INPUT OUTPUT FOLDER INSTANCE NUMBERS
 *
 * SIGUSR2 asks for the next of the NUMBERS of shards, SIGINT stops the whole job.
 */
import { isMainThread } from 'node:worker_threads'
import { defineJob, execute, fileStorage, fixedDelay, keyBy, mapWithState, text, to } from 'rxweft'
import { kafkaCluster, kafkaMembers, kafkaRepartition, kafkaSink, kafkaSource } from '../../../src/kafka/index.ts'
import { samePartition } from '../../../src/sinks/partitioner.ts'

const [brokers = '', name = '', input = '', output = '', folder = '', instance = '', numbers = ''] =
  process.argv.slice(2)
const cluster = kafkaCluster({ brokers: brokers.split(',') })
const words = kafkaRepartition<string, string>(cluster, { name: 'words', partitions: 6, key: text, value: text })

const counting = defineJob(name, ({ from, repartition }) =>
  from(kafkaSource(cluster, { topic: input, value: text })).pipe(
    keyBy((word) => word),
    repartition(words),
    mapWithState((count: number, word) => [count + 1, `${word}:${count + 1}`], 0, { id: 'counts' }),
    to(kafkaSink(cluster, { topic: output, value: text, partitioner: samePartition })),
  ),
)

const job = execute(counting, {
  // A folder that all processes of this machine see.
  storage: { ...fileStorage(folder), shared: true },
  checkpointing: { interval: 100 },
  restart: fixedDelay({ attempts: Number.POSITIVE_INFINITY, delay: 100 }),
  shards: 3,
  threads: 2,
  members: kafkaMembers(cluster, { instance, sessionTimeout: 6_000 }),
})
if (isMainThread) {
  const wanted = numbers.split(',').map(Number)
  const say = (what: object): void => console.log(JSON.stringify({ at: Date.now(), ...what }))
  process.on('SIGUSR2', () => {
    const shards = wanted.shift() ?? 1
    const moved = job.rescale(shards)
    moved.then(
      () => say({ type: 'moved', shards }),
      ({ message }) => say({ type: 'refused', shards, message }),
    )
  })
  process.once('SIGINT', () => void job.stop())
  job.events$.subscribe((event) => {
    if (!event.type.startsWith('checkpoint-')) say(event)
  })
}
try {
  console.log(JSON.stringify(await job.done))
} catch (error) {
  console.log(String(error))
  process.exitCode = 1
}
