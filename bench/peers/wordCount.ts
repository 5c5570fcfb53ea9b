/** Word count: how often each word has come so far, one record out for each that comes in. */
import { join } from 'node:path'
import { defineJob, execute, fileStorage, keyBy, map, memoryState, noWatermarks, scan, text, to } from 'rxweft'
import { kafkaCluster, kafkaSink, kafkaSource } from 'rxweft/kafka'
import { lmdbState } from 'rxweft/lmdb'
import { fail, given } from './settings.ts'

const { brokerList: brokers, source, sink, id, interval, compression, checkpoints, state } = given()
const kafka = kafkaCluster({ brokers, clientId: id })

const wordCount = defineJob(id, ({ from }) =>
  from(kafkaSource(kafka, { topic: source, groupId: id, value: text }), noWatermarks()).pipe(
    keyBy((word) => word),
    scan((count) => count + 1, 0, { id: 'counts' }),
    map(String),
    to(kafkaSink(kafka, { topic: sink, value: text, compression })),
  ),
)

const job = execute(wordCount, {
  checkpointing: { interval },
  storage: fileStorage(join(checkpoints, 'snapshots')),
  state: state === 'lmdb' ? lmdbState(join(checkpoints, 'lmdb')) : memoryState(),
})
job.events$.subscribe((event) => {
  if (event.type === 'restarting') console.error(`restarting: ${event.error.message}`)
})
process.once('SIGTERM', job.stop)
await job.done.catch(fail)
process.exit(0)
