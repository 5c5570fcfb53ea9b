/**
 * The job of the dead letter tests: upper case, but not for lines that begin with "unmappable". Run as a program it can be killed; it then
 * takes brokers, job, topics and checkpoint folder as arguments, and CRASH_AT ("ending:2") and UNTIL from the environment.
 */
import { pathToFileURL } from 'node:url'
import { crashAt } from '../../../examples/program/crashAt.ts'
import { fileStorage } from '../../../src/checkpoint/fileStorage.ts'
import { deadLetter } from '../../../src/job/badRecords/deadLetter.ts'
import { deadLetterJson } from '../../../src/job/badRecords/deadLetterJson.ts'
import { defineJob, type Job } from '../../../src/job/defineJob.ts'
import { execute } from '../../../src/job/execute.ts'
import { type KafkaCluster, kafkaCluster } from '../../../src/kafka/cluster.ts'
import { kafkaSink } from '../../../src/kafka/sink/kafkaSink.ts'
import type { KafkaSinkOptions } from '../../../src/kafka/sink/kafkaSinkOptions.ts'
import { kafkaSource } from '../../../src/kafka/source/kafkaSource.ts'
import { map } from '../../../src/operators/map.ts'
import { to } from '../../../src/operators/to.ts'
import { text } from '../../../src/serde/text.ts'
import { noWatermarks } from '../../../src/time/watermarks.ts'

export interface Place {
  readonly name: string
  readonly from: string
  readonly into: string
  readonly dead: string
}

export function deadLetterJob(
  cluster: KafkaCluster,
  { name, from, into, dead }: Place,
  until?: 'latest',
  sink: Partial<KafkaSinkOptions<string>> = {},
): Job {
  return defineJob(
    name,
    ({ from: read }) =>
      read(kafkaSource(cluster, { topic: from, value: text, until }), noWatermarks()).pipe(
        map((line) => {
          if (line.startsWith('unmappable')) throw new RangeError('no')
          return line.toUpperCase()
        }),
        to(kafkaSink(cluster, { topic: into, value: text, ...sink })),
      ),
    { onError: deadLetter(kafkaSink(cluster, { topic: dead, value: deadLetterJson })) },
  )
}

async function main([brokers = '', name = '', from = '', into = '', dead = '', folder = '']: readonly string[]) {
  const until = process.env.UNTIL === 'latest' ? 'latest' : undefined
  const job = deadLetterJob(kafkaCluster({ brokers: brokers.split(',') }), { name, from, into, dead }, until)
  const options = {
    checkpointing: { interval: 50 },
    storage: fileStorage(folder),
    probe: crashAt(process.env.CRASH_AT),
  }
  await execute(job, options).done
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv.slice(2))
