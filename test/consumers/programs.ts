/** Programs of consumers, which print what they have done. */

/** A job in memory, to its end. */
export const memoryProgram = `
import { defineJob, execute, map, memorySink, memorySource, memoryStorage, to } from 'rxweft'
const sink = memorySink()
const job = defineJob('upper', ({ from }) =>
  from(memorySource({ partitions: [['a', 'b']] })).pipe(map((value) => value.toUpperCase()), to(sink)))
const main = async () => {
  const { outcome, checkpoint } = await execute(job, { storage: memoryStorage() }).done
  console.log(outcome, checkpoint, sink.committed.join(' '))
}
main()
`
export const memoryPrinted = 'finished 1 A B\n'

/** A job on an embedded log, over as many shards as its first argument says, until it has written all. */
export const embeddedProgram = `
import { isMainThread } from 'node:worker_threads'
import { defineJob, execute, fileStorage, map, text, to } from 'rxweft'
import { embeddedLog, embeddedSink, embeddedSource } from 'rxweft/embedded'
const log = embeddedLog('data/log')
const shards = Number(process.argv[2])
const main = async () => {
  if (isMainThread) {
    for (const topic of ['in', 'out']) log.createTopic(topic, { partitions: 2 })
    await log.append('in', ['a', 'b'].map((value, partition) => ({ value, partition })))
  }
  const job = defineJob('upper', ({ from }) =>
    from(embeddedSource(log, { topic: 'in', value: text, until: 'latest' })).pipe(
      map((value) => value.toUpperCase()),
      to(embeddedSink(log, { topic: 'out', value: text }))))
  const { outcome } = await execute(job, { storage: fileStorage('data/checkpoints'), shards }).done
  const written = [0, 1].flatMap((at) => [...log.read('out', at)].map(({ value }) => String(value)))
  console.log(outcome, written.sort().join(' '))
  await log.close()
}
main()
`
export const embeddedPrinted = 'finished A B\n'

/** The memory job beside everything of Kafka that needs no broker. */
export const kafkaProgram = `
import { text } from 'rxweft'
import { kafkaCluster, kafkaSink, kafkaSource } from 'rxweft/kafka'
const cluster = kafkaCluster({ brokers: ['localhost:9092'] })
kafkaSource(cluster, { topic: 'in', value: text })
kafkaSink(cluster, { topic: 'out', value: text, compression: 'gzip' })
${memoryProgram}`

/** Prints the code and hint of each error, and what lies in the folder afterwards. */
export const withoutOptionalPeers = `
import { readdirSync } from 'node:fs'
import { text } from 'rxweft'
import { embeddedLog } from 'rxweft/embedded'
import { kafkaCluster, kafkaSink } from 'rxweft/kafka'
import { lmdbState } from 'rxweft/lmdb'
const cluster = kafkaCluster({ brokers: ['localhost:9092'] })
const before = readdirSync('.').length
const uses = [
  () => embeddedLog('data/log'),
  () => lmdbState('state'),
  () => kafkaSink(cluster, { topic: 'out', value: text, compression: 'snappy' }),
  () => kafkaSink(cluster, { topic: 'out', value: text, compression: 'lz4' }),
]
for (const use of uses) {
  try {
    use()
  } catch ({ consequence, code, hint }) {
    console.log(consequence, code, hint)
  }
}
console.log(readdirSync('.').length - before, 'files written')
`
export const withoutOptionalPeersPrinted = `fatal LMDB_UNAVAILABLE Run: npm install lmdb@3
fatal LMDB_UNAVAILABLE Run: npm install lmdb@3
fatal COMPRESSION_UNAVAILABLE Run: npm install snappy@7
fatal COMPRESSION_UNAVAILABLE Run: npm install lz4-napi@2
0 files written
`

/** The same program as CommonJS. */
export function asCommonJs(program: string): string {
  return program.replaceAll(/import \{ (.*) \} from ('.*')/g, 'const { $1 } = require($2)')
}
