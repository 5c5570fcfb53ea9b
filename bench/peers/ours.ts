/** The uppercase job, as a user would write it. Says on stdout when it is restored, for those who measure restarts. */
import { defineJob, execute, fileStorage, map, noWatermarks, samePartition, text, to } from 'rxweft'
import { kafkaCluster, kafkaSink, kafkaSource } from 'rxweft/kafka'
import { fail, given } from './settings.ts'

const { brokerList: brokers, source, sink, id, interval, compression, checkpoints, shards } = given()
const kafka = kafkaCluster({ brokers, clientId: id })

const uppercase = defineJob(id, ({ from }) =>
  from(kafkaSource(kafka, { topic: source, groupId: id, value: text }), noWatermarks()).pipe(
    map((line) => line.toUpperCase()),
    to(kafkaSink(kafka, { topic: sink, value: text, partitioner: samePartition, compression })),
  ),
)

const job = execute(uppercase, { checkpointing: { interval }, storage: fileStorage(checkpoints), shards })
job.events$.subscribe((event) => {
  if (event.type === 'restored') console.log(`restored ${event.checkpoint}`)
  if (event.type === 'restarting') console.error(`restarting: ${event.error.message}`)
})
process.once('SIGTERM', job.stop)
await job.done.catch(fail)
process.exit(0)
