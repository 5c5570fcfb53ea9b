/**
 * The jobs of the consistency tests as programs on Kafka, with snapshots in files, or of the spread bank in its ledger, and, of banks, state in LMDB:
 *
 *   program.ts JOB --brokers HOST:PORT --input PREFIX --output PREFIX --folder DIR [--until latest] [--shards N]
 *
 * The names of topics begin with the prefixes, so that another run can read the same input. RXWEFT_CRASH_AT: see examples/program/crashAt.ts.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { execute, exponentialDelay, fileStorage, type Job, json, memoryState } from 'rxweft'
import { kafkaCluster, kafkaRepartition, kafkaSink, kafkaSource, ledgerStorage } from 'rxweft/kafka'
import { lmdbState } from 'rxweft/lmdb'
import * as manyCores from '../../examples/manyCores.ts'
import { crashAt } from '../../examples/program/crashAt.ts'
import type { RepartitionEnds } from '../../examples/program/ends.ts'
import { narrate } from '../../examples/program/narrate.ts'
import * as sessions from '../../examples/sessions.ts'
import * as wordCount from '../../examples/wordCount.ts'
import { type Approval, bank, type Entry, type Transfer } from './bank.ts'
import * as spreadSessions from './spreadSessions.ts'

const jobs: Readonly<Record<string, (ends: RepartitionEnds) => Job>> = {
  manyCores: manyCores.onTopics,
  wordCount: wordCount.onTopics,
  sessions: sessions.onTopics,
  bank: ({ source, sink }) =>
    bank(source('transfers', json<Transfer>()), source('approvals', json<Approval>()), sink('postings', json())),
  spreadSessions: spreadSessions.onTopics,
  spreadBank: ({ source, topic, sink }) =>
    bank(source('transfers', json<Transfer>()), source('approvals', json<Approval>()), sink('postings', json()), {
      transfers: topic({ name: 'transfers', partitions: 4, key: json<number>(), value: json<Transfer>() }),
      approvals: topic({ name: 'approvals', partitions: 4, key: json<number>(), value: json<Approval>() }),
      entries: topic({ name: 'entries', partitions: 4, key: json<number>(), value: json<Entry>() }),
    }),
}

const text = { type: 'string', default: '' } as const
const { positionals, values } = parseArgs({
  options: { brokers: text, input: text, output: text, folder: text, until: text, shards: text },
  allowPositionals: true,
})
const [name = ''] = positionals
const { brokers, input, output, folder } = values
const until = values.until === 'latest' ? 'latest' : undefined
const cluster = kafkaCluster({ brokers: brokers.split(',') })
const transactions = { transactionalIdPrefix: `${output}rxweft`, transactionTimeout: 60_000 }
const job = jobs[name]?.({
  source: (topic, value) => kafkaSource(cluster, { topic: input + topic, value, until }),
  sink: (topic, value) => kafkaSink(cluster, { topic: output + topic, value, ...transactions }),
  topic: (options) => kafkaRepartition(cluster, { ...options, ...transactions, purgeInterval: 200 }),
})
if (job === undefined) throw new Error(`there is no job ${name}`)

// Another number than in the run before moves slots.
const rescaled = { shards: Number(values.shards), rescale: 'at-start' } as const

const running = execute(job, {
  checkpointing: { interval: 100, timeout: 30_000 },
  storage: name === 'spreadBank' ? ledgerStorage() : fileStorage(join(folder, 'checkpoints')),
  // So small a cache that most of the state is in the file alone.
  state: name.endsWith('ank') ? lmdbState(join(folder, 'state'), { cache: 50 }) : memoryState(),
  restart: exponentialDelay({ max: 1_000 }),
  probe: crashAt(process.env.RXWEFT_CRASH_AT),
  ...(values.shards === '' ? { shards: name === 'manyCores' ? manyCores.shards : 1 } : rescaled),
})
process.once('SIGTERM', running.stop)
narrate(running, true)
await running.done
process.exit(0)
