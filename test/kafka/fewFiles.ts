/** A bounded copy from one topic to another, for a process that may open few files: prints how it ended. */
import { fileStorage } from '../../src/checkpoint/fileStorage.ts'
import { defineJob } from '../../src/job/defineJob.ts'
import { execute } from '../../src/job/execute.ts'
import { noRestart } from '../../src/job/restart.ts'
import { kafkaCluster } from '../../src/kafka/cluster.ts'
import { kafkaSink } from '../../src/kafka/sink/kafkaSink.ts'
import { kafkaSource } from '../../src/kafka/source/kafkaSource.ts'
import { to } from '../../src/operators/to.ts'
import { text } from '../../src/serde/text.ts'

const [, , brokers = '', from = '', into = '', folder = ''] = process.argv
const cluster = kafkaCluster({ brokers: brokers.split(',') })
const job = defineJob(`few-files-${from}`, (builder) =>
  builder
    .from(kafkaSource(cluster, { topic: from, value: text, until: 'latest' }))
    .pipe(to(kafkaSink(cluster, { topic: into, value: text }))),
)
const { done } = execute(job, { storage: fileStorage(folder), restart: noRestart() })
console.log(await done.then(({ outcome }) => outcome, String))
