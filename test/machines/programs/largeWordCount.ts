/**
 * The program of examples/machines with large state: the first record of each word also fills a map of entries of 1,000 bytes, which
 * stays. So all of it moves with a shard, and a checkpoint writes what has changed. Snapshots lie in a folder that all processes see. It
 * prints how long each step of a hand-over takes, as JSON.
 *
 *   KAFKA_BROKERS, INSTANCE, SESSION, SHARDS, THREADS, INTERVAL   as there
 *   WORD_BYTES   state of a word      FOLDER   of the snapshots
 */
import { isMainThread } from 'node:worker_threads'
import { defineJob, execute, fileStorage, flatMap, json, keyBy, map, scan, text, to } from 'rxweft'
import { kafkaCluster, kafkaMembers, kafkaRepartition, kafkaSink, kafkaSource } from 'rxweft/kafka'
import { largeState } from '../../../tools/support/largeState.ts'

const { env } = process
const kafka = kafkaCluster({ brokers: String(env.KAFKA_BROKERS).split(',') })

const job = defineJob('many-cores', ({ from, repartition }) =>
  from(kafkaSource(kafka, { topic: 'lines', value: text })).pipe(
    flatMap((line) => line.toLowerCase().match(/\p{L}+/gu) ?? []),
    keyBy((word) => word),
    repartition(kafkaRepartition(kafka, { name: 'words', partitions: 32, key: text, value: text })),
    largeState(Number(env.WORD_BYTES)),
    scan((count) => count + 1, 0, { id: 'counts' }),
    map((count, { key }) => ({ word: key, count })),
    to(kafkaSink(kafka, { topic: 'counts', value: json() })),
  ),
)
const running = execute(job, {
  shards: Number(env.SHARDS),
  checkpointing: { interval: Number(env.INTERVAL) },
  threads: Number(env.THREADS),
  members: kafkaMembers(kafka, { instance: String(env.INSTANCE), sessionTimeout: Number(env.SESSION) }),
  storage: { ...fileStorage(String(env.FOLDER)), shared: true },
})
if (isMainThread)
  running.events$.subscribe((event) => {
    if (event.type.startsWith('shard-')) console.log(JSON.stringify(event))
    if (event.type === 'restarting') console.warn(event.error.message)
  })
process.once('SIGTERM', () => void running.leave())
await running.done
