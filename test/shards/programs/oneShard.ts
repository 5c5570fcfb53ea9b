/**
 * One shard of a job in a process of its own, so that a test can kill it alone: counts keys in windows of ten seconds behind a repartition
 * topic; what is late goes to a topic of its own. Prints its events.
 *
 *   oneShard.ts BROKERS PREFIX EXECUTION SHARD FOLDER [latest]
 */
import { fileStorage } from '../../../src/checkpoint/fileStorage.ts'
import { defineJob } from '../../../src/job/defineJob.ts'
import type { JobEvent } from '../../../src/job/events.ts'
import { execution } from '../../../src/job/execution.ts'
import { planning } from '../../../src/job/planning.ts'
import { kafkaCluster } from '../../../src/kafka/cluster.ts'
import { kafkaRepartition } from '../../../src/kafka/repartition/kafkaRepartition.ts'
import { kafkaSink } from '../../../src/kafka/sink/kafkaSink.ts'
import { kafkaSource } from '../../../src/kafka/source/kafkaSource.ts'
import { keyBy } from '../../../src/operators/keyBy.ts'
import { sideOutput } from '../../../src/operators/sideOutput.ts'
import { to } from '../../../src/operators/to.ts'
import { window } from '../../../src/operators/window.ts'
import { text } from '../../../src/serde/text.ts'
import { monotonousTimestamps } from '../../../src/time/watermarks.ts'
import { tumbling } from '../../../src/time/windows.ts'

const [brokers = '', prefix = '', me = '', shard = '0', folder = '', until] = process.argv.slice(2)
const cluster = kafkaCluster({ brokers: brokers.split(',') })
const transaction = { transactionalIdPrefix: prefix, transactionTimeout: 8_000 }
const sink = (name: string) =>
  to(kafkaSink<string>(cluster, { topic: `${prefix}-${name}`, value: text, ...transaction }))
const middle = kafkaRepartition(cluster, { name: 'keys', partitions: 4, key: text, value: text, ...transaction })

const job = defineJob(`${prefix}-job`, ({ from, repartition }) => {
  const late = sideOutput<string>()
  const lines = kafkaSource(cluster, {
    ...{ topic: `${prefix}-in`, value: text, until: until === 'latest' ? 'latest' : undefined },
  })
  const counts = from(lines, monotonousTimestamps()).pipe(
    keyBy((line) => line.split(' ')[0] as string),
    repartition(middle),
    window(tumbling(10_000), { late }).process(
      (values, { key, window: { start } }) => `${key} ${start} ${values.length}`,
      {
        id: 'windows',
      },
    ),
    sink('out'),
  )
  return [counts, late.pipe(sink('late'))]
})

const tell = ({ type, ...rest }: JobEvent): void => console.log(type, 'error' in rest ? rest.error.message : '')
const options = { storage: fileStorage(folder), checkpointing: { interval: 100, timeout: 5_000 } }
const never = new AbortController().signal
// Both processes are one execution: the first one writes the plan, the other one finds it.
const planned = planning(job, options, { execution: me, shards: 2 })
const plan = (await planned({ stopping: never, cancelling: never }, tell)) ?? undefined
const running = execution(job, options, { execution: me, shard: Number(shard), shards: 2, plan })
running.events$.subscribe(tell)
await running.done
