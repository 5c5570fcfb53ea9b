/**
 * Upper case on an embedded log, over shards:
 *
 *   upper.ts FOLDER SHARDS [--until latest] [--poison]
 */
import { join } from 'node:path'
import { isMainThread } from 'node:worker_threads'
import { defineJob, execute, exponentialDelay, fileStorage, map, text, to } from 'rxweft'
import { embeddedLog, embeddedSink, embeddedSource } from 'rxweft/embedded'

const [folder = '', shards = '1', ...more] = process.argv.slice(2)
const log = embeddedLog(join(folder, 'log'))
const until = more.includes('--until') ? 'latest' : undefined
console.log(`program ${isMainThread}`)
const job = defineJob('upper', ({ from }) =>
  from(embeddedSource(log, { topic: 'in', value: text, until })).pipe(
    map((v) => v.toUpperCase()),
    to(embeddedSink(log, { topic: 'out', value: text })),
  ),
)
const running = execute(job, {
  storage: fileStorage(join(folder, 'chk')),
  shards: Number(shards),
  checkpointing: { interval: 50 },
  restart: exponentialDelay({ max: 500 }),
})
running.events$.subscribe((e) => console.log(JSON.stringify(e)))
const end = await running.done
console.log(JSON.stringify(end))
