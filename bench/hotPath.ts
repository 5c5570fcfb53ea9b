/**
 * What one record costs on its way through a job from Kafka to Kafka: fetched bytes -> record -> map -> sink -> batch, in ns of CPU, without a
 * broker (hollowCluster.ts). The loop without RxJS beside it is what the same codec could do at best.
 *
 *   node --conditions=rxweft-source --import tsx bench/hotPath.ts [--records 4000000] [--value 100]
 *
 * Each stage runs in a process of its own, and of three runs the best counts: other programs only ever add.
 */
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import {
  defineJob,
  execute,
  map,
  memoryStorage,
  noWatermarks,
  nullable,
  type StreamRecord,
  samePartition,
  type TransactionalSink,
  text,
  to,
} from 'rxweft'
import { kafkaSink, kafkaSource } from 'rxweft/kafka'
import { createBatchBuilder } from '../src/kafka/batch/batchBuilder.ts'
import { readBatches } from '../src/kafka/batch/readBatches.ts'
import { shortcutsOf } from '../src/serde/shortcuts.ts'
import { valueEncoder } from '../src/sinks/valueEncoder.ts'
import { hollowCluster, repeated } from './hollowCluster.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { records: { type: 'string', default: '4000000' }, value: { type: 'string', default: '100' } },
})
const records = Number(values.records)
const nobody = { producerId: -1, producerEpoch: -1, baseSequence: -1, transactional: false }
const line = nullable(text)
const upper = (value: string | null): string | null => value?.toUpperCase() ?? null

/** About what a client with small batches has written. */
const perBatch = 2_000
const batch = ((): Buffer => {
  const builder = createBatchBuilder({ compression: 'none' })
  for (let i = 0; i < perBatch; i++) {
    builder.append(1_700_000_000_000 + i, null, text.encode(`line ${i}`.padEnd(Number(values.value), 'x')), [])
  }
  return builder.finish(nobody)
})()

/** Takes everything and keeps nothing. */
const nowhere: TransactionalSink<unknown> = {
  id: 'nowhere',
  guarantee: 'none',
  open: async () => ({
    write: (_: StreamRecord<unknown>) => undefined,
    prepare: async () => null,
    close: async () => undefined,
  }),
}

const cluster = (): ReturnType<typeof hollowCluster> => hollowCluster([batch], perBatch, records)
const source = (from: ReturnType<typeof cluster>) => kafkaSource(from, { topic: 'in', until: 'latest', value: line })

const { decodeAt } = shortcutsOf(line)

/** Runs a job to its end. At-least-once: a transaction has no part in what a record costs. */
async function run(job: ReturnType<typeof defineJob>): Promise<void> {
  await execute(job, { checkpointing: { interval: 1_000 }, storage: memoryStorage() }).done
}

/** The codec alone: with what each record becomes, and where it goes. */
function loop(each: (value: string | null, timestamp: number) => void): void {
  const answer = Math.max(1, Math.floor((1024 * 1024) / batch.length))
  for (let offset = 0; offset < records; offset += answer * perBatch) {
    const bytes = repeated([batch], answer, offset, perBatch)
    for (const one of readBatches(bytes, { topic: 'in', partition: 0 })) {
      one.records((record) => {
        const { bytes, valueAt, valueLength, timestamp } = record
        each(decodeAt?.(bytes, valueAt, valueAt + valueLength) ?? null, timestamp)
      })
    }
  }
}

const encoded = valueEncoder(line)

function encode(): (value: string | null, timestamp: number) => void {
  let builder = createBatchBuilder({ compression: 'none', limit: 512 * 1024 })
  return (value, timestamp) => {
    const bytes = encoded(value)
    if (!builder.fits(null, bytes, [])) {
      builder.finish(nobody)
      builder = createBatchBuilder({ compression: 'none', limit: 512 * 1024 })
    }
    builder.append(timestamp, null, bytes, [])
  }
}

const stages: { readonly [name: string]: () => Promise<void> } = {
  'bare: read': async () => loop(() => undefined),
  'bare: read, map, write'() {
    const write = encode()
    return Promise.resolve(loop((value, timestamp) => write(upper(value), timestamp)))
  },
  'job: source': () =>
    run(defineJob('source', ({ from }) => from(source(cluster()), noWatermarks()).pipe(to(nowhere)))),
  'job: source, map': () =>
    run(defineJob('map', ({ from }) => from(source(cluster()), noWatermarks()).pipe(map(upper), to(nowhere)))),
  'job: source, map x 5': () =>
    run(
      defineJob('maps', ({ from }) =>
        from(source(cluster()), noWatermarks()).pipe(
          map(upper),
          map(same),
          map(same),
          map(same),
          map(same),
          to(nowhere),
        ),
      ),
    ),
  async 'job: source, map, sink'() {
    const hollow = cluster()
    const sink = kafkaSink(hollow, {
      ...{ topic: 'out', value: line, partitioner: samePartition, guarantee: 'at-least-once' },
    })
    await run(defineJob('sink', ({ from }) => from(source(hollow), noWatermarks()).pipe(map(upper), to(sink))))
    if (hollow.produced < records * Number(values.value)) throw new Error(`only ${hollow.produced} bytes were produced`)
  },
}

function same<T>(value: T): T {
  return value
}

/** ns of CPU a record. */
async function timed(stage: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage()
  await stage()
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1_000) / records
}

async function best(stage: () => Promise<void>): Promise<number> {
  const all: number[] = []
  for (let i = 0; i < 3; i++) all.push(await timed(stage))
  return Math.min(...all)
}

/** In a process of its own: what is compiled for one stage is not spoilt by another. */
function apart(name: string): number {
  const { stdout } = spawnSync(process.execPath, [...process.execArgv, ...process.argv.slice(1), name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return Number(stdout)
}

const [alone] = positionals
if (alone !== undefined) {
  process.stdout.write(String(await best(stages[alone] as () => Promise<void>)))
} else {
  const figures = new Map(Object.keys(stages).map((name) => [name, apart(name)]))
  for (const [name, ns] of figures) console.log(`${name.padEnd(24)} ${ns.toFixed(0).padStart(5)} ns a record`)
  const [bare = 0, job = 1] = ['bare: read, map, write', 'job: source, map, sink'].map((name) => figures.get(name))
  console.log(`the job reaches ${((100 * bare) / job).toFixed(0)} % of the loop without RxJS`)
}
