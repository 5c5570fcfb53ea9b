/**
 * What a word count with very many words costs, from Kafka to Kafka and with a checkpoint a second into files, without a broker
 * (hollowCluster.ts): nearly each record is of another key than the ones before it, so nearly each is one more entry in the next snapshot.
 *
 *   node --conditions=rxweft-source --expose-gc --import tsx bench/wordCount.ts [--keys 1000000] [--records 6000000] [--rate 0] [memory | lmdb]
 *
 * First each word comes once, then all of them again, and only from then on CPU time is counted; `fill` is what the first time was like. With `--rate`
 * no more records a second than that. Each kind of state has a process of its own.
 */
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { defineJob, execute, fileStorage, json, keyBy, memoryState, noWatermarks, scan, text, to } from 'rxweft'
import { kafkaSink, kafkaSource } from 'rxweft/kafka'
import { lmdbState } from 'rxweft/lmdb'
import { createBatchBuilder } from '../src/kafka/batch/batchBuilder.ts'
import { hollowCluster } from './hollowCluster.ts'
import { watchTurns } from './turns.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    keys: { type: 'string', default: '1000000' },
    records: { type: 'string', default: '6000000' },
    rate: { type: 'string', default: '0' },
  },
})
const keys = Number(values.keys)
const records = Number(values.records)
const rate = Number(values.rate)
/** Records before those that count. */
const warm = 2 * keys
const perBatch = Math.min(2_000, keys)
const nobody = { producerId: -1, producerEpoch: -1, baseSequence: -1, transactional: false }

/** Primes that do not divide the number of keys lead to each of them once, in an order without order, and each in another one. */
const orders = [611_953, 472_882_027, 982_451_653]

function batchesOfWords(): readonly Buffer[] {
  return orders.flatMap((prime) =>
    Array.from({ length: keys / perBatch }, (_, at) => {
      const builder = createBatchBuilder({ compression: 'none' })
      for (let i = 0; i < perBatch; i++) {
        const word = ((at * perBatch + i) * prime) % keys
        builder.append(1_700_000_000_000 + i, null, text.encode(`word-${word}`), [])
      }
      return builder.finish(nobody)
    }),
  )
}

async function run(kind: string): Promise<string> {
  const folder = join(tmpdir(), `rxweft-bench-words-${process.pid}`)
  const batches = batchesOfWords()
  const started = performance.now()
  const filling = watchTurns()
  let counted: { readonly cpu: NodeJS.CpuUsage; readonly time: number; readonly longest: () => number } | undefined
  let fill = { seconds: 0, longest: 0 }

  const due = async (offset: number): Promise<void> => {
    if (fill.seconds === 0 && offset >= keys)
      fill = { seconds: (performance.now() - started) / 1_000, longest: filling() }
    if (counted === undefined && offset >= warm) {
      counted = { cpu: process.cpuUsage(), time: performance.now(), longest: watchTurns() }
    }
    const early = rate === 0 ? 0 : (offset / rate) * 1_000 - (performance.now() - started)
    await new Promise<void>((resolve) => (early > 0 ? setTimeout(resolve, early) : setImmediate(resolve)))
  }
  const cluster = hollowCluster(batches, perBatch, warm + records, due)
  const source = kafkaSource(cluster, { topic: 'words', until: 'latest', value: text })
  const sink = kafkaSink(cluster, { topic: 'counts', value: json<number>(), guarantee: 'at-least-once' })
  const job = defineJob('word-count', ({ from }) =>
    from(source, noWatermarks()).pipe(
      keyBy((word) => word),
      scan((count) => count + 1, 0, { id: 'count' }),
      to(sink),
    ),
  )
  const handle = execute(job, {
    checkpointing: { interval: 1_000 },
    storage: fileStorage(join(folder, 'checkpoints')),
    state: kind === 'lmdb' ? lmdbState(join(folder, 'lmdb')) : memoryState(),
  })
  let checkpoints = 0
  let snapshotBytes = 0
  handle.events$.subscribe((event) => {
    if (event.type !== 'checkpoint-stored' || counted === undefined) return
    checkpoints += 1
    snapshotBytes += event.bytes
  })
  let largest = 0
  const watchMemory = setInterval(() => {
    largest = Math.max(largest, process.memoryUsage.rss())
  }, 100)
  await handle.done
  clearInterval(watchMemory)
  if (counted === undefined) throw new Error('too few records')
  const { cpu, time, longest } = counted
  const { user, system } = process.cpuUsage(cpu)
  const seconds = (performance.now() - time) / 1_000
  rmSync(folder, { recursive: true, force: true })
  return [
    `${kind.padEnd(7)}${((user + system) / records).toFixed(2).padStart(6)} CPU s a million records`,
    `${Math.round(records / seconds).toLocaleString('en')} records/s`,
    `longest turn ${longest().toFixed(1)} ms`,
    `${checkpoints} checkpoints of ${(snapshotBytes / Math.max(1, checkpoints) / 2 ** 20).toFixed(1)} MiB`,
    `${Math.round(largest / 2 ** 20)} MiB`,
    `fill ${Math.round(keys / fill.seconds).toLocaleString('en')} records/s, longest turn ${fill.longest.toFixed(1)} ms`,
  ].join(', ')
}

const kinds = positionals.length > 0 ? positionals : ['memory', 'lmdb']
const [alone] = kinds
if (kinds.length === 1 && alone !== undefined) console.log(await run(alone))
else {
  for (const kind of kinds) {
    spawnSync(process.execPath, [...process.execArgv, ...process.argv.slice(1), kind], { stdio: 'inherit' })
  }
}
