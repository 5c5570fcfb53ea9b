/**
 * The job of bench/rescale.ts: behind a repartition topic each word has a map of large entries, which stay, and a window that is open.
 * Prints its commits as JSON; SIGUSR2 asks for the next number of shards.
 *
 *   KAFKA_BROKERS, SHARDS, NUMBERS, WORD_BYTES, FOLDER, INTERVAL
 */
import { isMainThread } from 'node:worker_threads'
import {
  boundedOutOfOrderness,
  defineJob,
  execute,
  fileStorage,
  keyBy,
  share,
  text,
  to,
  tumbling,
  window,
} from 'rxweft'
import { kafkaCluster, kafkaMembers, kafkaRepartition, kafkaSink, kafkaSource } from 'rxweft/kafka'
import { largeState } from '../../tools/support/largeState.ts'

const { env } = process
const kafka = kafkaCluster({ brokers: String(env.KAFKA_BROKERS).split(',') })
const hour = 3_600_000

const job = defineJob('rescaling', ({ from, repartition }) => {
  const words = from(kafkaSource(kafka, { topic: 'words', value: text }), boundedOutOfOrderness(1_000)).pipe(
    keyBy((word) => word),
    repartition(kafkaRepartition(kafka, { name: 'words', partitions: 32, key: text, value: text })),
    largeState(Number(env.WORD_BYTES)),
    share(),
  )
  const counts = words.pipe(
    window(tumbling(hour)).reduce((word: string) => word, { id: 'open' }),
    to(kafkaSink(kafka, { topic: 'counts', value: text })),
  )
  return [counts, words.pipe(to(kafkaSink(kafka, { topic: 'seen', value: text })))]
})
const running = execute(job, {
  shards: Number(env.SHARDS),
  checkpointing: { interval: Number(env.INTERVAL) },
  threads: 2,
  members: kafkaMembers(kafka, { instance: 'one', sessionTimeout: 10_000 }),
  storage: { ...fileStorage(String(env.FOLDER)), shared: true },
})
if (isMainThread) {
  const numbers = String(env.NUMBERS).split(',').map(Number)
  const say = (what: object): void => console.log(JSON.stringify({ at: Date.now(), ...what }))
  process.on('SIGUSR2', () => {
    const shards = numbers.shift() ?? 1
    say({ type: 'asked', shards })
    running.rescale(shards).then(
      () => say({ type: 'moved', shards }),
      ({ message }) => say({ type: 'refused', message }),
    )
  })
  running.events$.subscribe((event) => {
    const { type, shard } = event
    if (type === 'checkpoint-committed' || type === 'plan') say({ type, shard })
    if (type === 'restarting') console.warn(event.error.message)
  })
  process.once('SIGINT', () => void running.cancel())
}
await running.done
