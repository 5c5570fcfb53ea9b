/**
 * The job that a cluster's faults happen to: state, two sinks, and what it has come to is known beforehand, partition by partition.
 *
 *   program.ts --brokers HOST:PORT,... --job NAME --source TOPIC --echo TOPIC --counts TOPIC --checkpoints DIR [--until latest]
 *
 * It says "commit CHECKPOINT MS" for each checkpoint, ms since the epoch, and everything else as the examples do.
 */
import { parseArgs } from 'node:util'
import {
  defineJob,
  execute,
  exponentialDelay,
  fileStorage,
  keyBy,
  map,
  noWatermarks,
  samePartition,
  scan,
  text,
  to,
} from 'rxweft'
import { kafkaCluster, kafkaSink, kafkaSource } from 'rxweft/kafka'
import { narrate } from '../../examples/program/narrate.ts'
import { counted, echoed, keyOf } from './expected.ts'

const option = { type: 'string', default: '' } as const
const names = { brokers: option, job: option, source: option, echo: option, counts: option, checkpoints: option }
const { values } = parseArgs({ options: { ...names, until: option } })
const { job, source, echo, counts, checkpoints } = values
const until = values.until === 'latest' ? 'latest' : undefined
const cluster = kafkaCluster({ brokers: values.brokers.split(',') })
const sinkOf = (topic: string) =>
  kafkaSink<string>(cluster, { topic, value: text, partitioner: samePartition, transactionTimeout: 60_000 })

const both = defineJob(job, ({ from }) => {
  const lines = from(kafkaSource(cluster, { topic: source, groupId: job, value: text, until }), noWatermarks())
  return [
    lines.pipe(map(echoed), to(sinkOf(echo))),
    lines.pipe(
      keyBy(keyOf),
      scan(
        ({ count }: { count: number; line: string }, line: string) => ({ count: count + 1, line }),
        { count: 0, line: '' },
        { id: 'count' },
      ),
      map(({ count, line }) => counted(count, line)),
      to(sinkOf(counts)),
    ),
  ]
})

const running = execute(both, {
  checkpointing: { interval: 100, timeout: 20_000 },
  storage: fileStorage(checkpoints),
  restart: exponentialDelay({ max: 1_000 }),
})
process.once('SIGTERM', running.stop)
running.events$.subscribe((event) => {
  if (event.type === 'checkpoint-committed') console.log(`commit ${event.checkpoint} ${Date.now()}`)
})
narrate(running, false)
await running.done
process.exit(0)
