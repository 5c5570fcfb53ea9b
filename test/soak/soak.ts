/**
 * `npm run soak -- --minutes M`: the uppercase job fed steadily, 5,000 records/s, with a checkpoint each 100 ms. Nothing that it holds
 * or leaves with the broker and on disk may grow: the first minute is compared with the last.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { partitions } from '../../examples/demo/ground.ts'
import { kafkaCluster } from '../../src/kafka/cluster.ts'
import { startJavaBroker } from '../../tools/broker/javaBroker.ts'
import { javaAvailable } from '../../tools/support/javaTool.ts'
import { comparison, figures, hasGrown, medians, type Sample } from './figures.ts'
import { sampler } from './sampler.ts'
import { steadyFeed } from './steadyFeed.ts'
import { watched } from './watched.ts'

const rate = 5_000
/** ms between two samples; the first minute begins after the warm-up, in which code is compiled and buffers find their size. */
const every = 5_000
const warmUp = 20_000
const [job, source, sink] = ['soak', 'soak-source', 'soak-sink']

const minutes = minutesOf(process.argv.slice(2))
if (!(minutes >= 1.5)) {
  console.error('usage: npm run soak -- --minutes M   (1.5 at least: there must be a first and a last)')
  process.exit(2)
}
if (!(await javaAvailable())) {
  console.error('npm run soak needs Java 17 or newer, and Maven, for a broker')
  process.exit(2)
}

const folder = await mkdtemp(join(tmpdir(), 'rxweft-soak-'))
const broker = await startJavaBroker()
const address = broker.brokers[0] as string
let fine = false
try {
  fine = await soak()
} finally {
  await broker.stop()
  await rm(folder, { recursive: true, force: true })
}
process.exit(fine ? 0 : 1)

function minutesOf(args: string[]): number {
  try {
    return Number(parseArgs({ args, options: { minutes: { type: 'string' } } }).values.minutes)
  } catch {
    return Number.NaN
  }
}

async function soak(): Promise<boolean> {
  await createTopics()
  const [feed, process] = [await steadyFeed(address, source, rate), watched([address, job, source, sink, folder])]
  await pause(warmUp)
  const sample = await sampler({ broker: address, folder: join(folder, job, '0'), job, source }, process)
  const [start, samples] = [performance.now(), [] as Sample[]]
  for (let at = 0; at < minutes * 60_000 - warmUp; at += every) {
    samples.push(await sample())
    await pause(Math.max(0, start + at + every - performance.now()))
  }
  const { checkpoints } = await process.ask()
  await feed.stop()
  await process.stop()
  // What is half of a short run is not compared with itself.
  const minute = Math.min(60_000 / every, Math.floor(samples.length / 2))
  return report(feed.fed, checkpoints, samples.slice(0, minute), samples.slice(-minute))
}

function report(fed: number, checkpoints: number, early: readonly Sample[], late: readonly Sample[]): boolean {
  const [first, last] = [medians(early), medians(late)]
  const grown = (Object.keys(figures) as (keyof Sample)[]).filter((name) => hasGrown(name, first, last))
  console.log(`\nnpm run soak -- --minutes ${minutes}\n`)
  for (const line of comparison(first, last)) console.log(line)
  const speed = Math.round(fed / (minutes * 60))
  console.log(`\n${fed} records, ${speed} a second, ${checkpoints} checkpoints; ${grown.length} of these have grown`)
  return grown.length === 0
}

async function createTopics(): Promise<void> {
  const admin = kafkaCluster({ brokers: [address] }).admin()
  await admin.connect()
  const topics = [source, sink].map((topic) => ({ topic, numPartitions: partitions }))
  await admin.createTopics({ topics, waitForLeaders: true })
  await admin.disconnect()
}
