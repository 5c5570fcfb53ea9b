/**
 * A job with everything that can go wrong over several processes: state by key, rules for all
 * shards, windows behind a repartition topic, and what is late for them.
 *
 *   program.ts '{"brokers": [...], "job": NAME, "topics": {...}, "instance": NAME or null, ...}'
 *
 * Without an instance it runs alone, as a job of one process and one shard does. SIGTERM hands its
 * shards over, SIGINT stops the whole job. It prints its events, but for checkpoints.
 */
import { isMainThread } from 'node:worker_threads'
import {
  boundedOutOfOrderness,
  connect,
  defineJob,
  execute,
  exponentialDelay,
  keyBy,
  mapState,
  noWatermarks,
  sideOutput,
  text,
  to,
  tumbling,
  valueState,
  window,
} from 'rxweft'
import { kafkaCluster, kafkaMembers, kafkaRepartition, kafkaSink, kafkaSource, ledgerStorage } from 'rxweft/kafka'
import { lmdbState } from 'rxweft/lmdb'
import { decoded, outOfOrderness, partitions, type TopicName, windowSize } from './words.ts'

export interface Given {
  readonly brokers: readonly string[]
  readonly job: string
  readonly topics: Readonly<Record<TopicName, string>>
  /** null: alone. */
  readonly instance: string | null
  readonly shards: number
  /** Of LMDB; null: state in memory. */
  readonly folder: string | null
}

const { brokers, job: name, topics, instance, shards, folder } = JSON.parse(process.argv[2] ?? '') as Given
const cluster = kafkaCluster({ brokers })
const transactions = { transactionTimeout: 60_000 }
const sink = (topic: TopicName) =>
  to(kafkaSink<string>(cluster, { topic: topics[topic], value: text, timestamps: 'now', ...transactions }))
const byWord = kafkaRepartition(cluster, {
  ...{ name: 'words', partitions, key: text, value: text, purgeInterval: 2_000, ...transactions },
})

const job = defineJob(name, ({ from, repartition }) => {
  const [late, applied] = [sideOutput<string>(), sideOutput<string>()]
  const time = boundedOutOfOrderness(outOfOrderness).withTimestamps((line: string) => decoded(line).time)
  const events = from(kafkaSource(cluster, { topic: topics.events, value: text, groupId: name }), time)
  const rules = from(kafkaSource(cluster, { topic: topics.rules, value: text, groupId: name }), noWatermarks(), {
    everywhere: true,
  })
  const counts = events.pipe(
    keyBy((line) => decoded(line).key),
    connect(
      rules,
      {
        broadcast: mapState<string, string>(),
        state: { count: valueState<number>() },
        outputs: { applied },
        onBroadcast(rule, { broadcast, outputs }) {
          const [id = '', meaning = ''] = rule.split(' ')
          broadcast.set(id, meaning)
          outputs.applied(rule)
        },
        onElement(line, { state, broadcast }) {
          const { key, number, rule } = decoded(line)
          const count = (state.count.get() ?? 0) + 1
          state.count.set(count)
          return [`${key} ${count} ${number} ${broadcast.get(rule) ?? 'unknown'}`]
        },
      },
      { id: 'counts' },
    ),
    sink('counts'),
  )
  const windows = events.pipe(
    keyBy((line) => decoded(line).word),
    repartition(byWord),
    window(tumbling(windowSize), { late }).process(
      (lines, { key, window: { start } }) => `${key} ${start} ${lines.map((line) => decoded(line).number).sort()}`,
      { id: 'windows' },
    ),
    sink('windows'),
  )
  const tooLate = late.pipe(
    keyBy((line) => decoded(line).word),
    sink('late'),
  )
  return [counts, applied.pipe(sink('applied')), windows, tooLate]
})

const running = execute(job, {
  storage: ledgerStorage(),
  checkpointing: { interval: 100, timeout: 20_000 },
  restart: exponentialDelay({ max: 1_000 }),
  ...(folder === null ? {} : { state: lmdbState(folder) }),
  ...(instance === null
    ? {}
    : { shards, threads: 1, members: kafkaMembers(cluster, { instance, sessionTimeout: 6_000 }) }),
})
if (isMainThread) {
  process.once('SIGTERM', () => void (instance === null ? running.stop() : running.leave()))
  process.once('SIGINT', () => void running.stop())
  running.events$.subscribe((event) => {
    if (event.type.startsWith('checkpoint-') && event.type !== 'checkpoint-failed') return
    const error = 'error' in event ? event.error.message : undefined
    console.log(`${new Date().toISOString().slice(11, 23)} ${JSON.stringify({ ...event, error })}`)
  })
}
try {
  console.log(JSON.stringify(await running.done))
} catch (error) {
  console.log(String(error))
  process.exitCode = 1
}
