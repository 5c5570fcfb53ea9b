/**
 * Runs an example: `npm run example -- wordCount`. Prints the sample input, if its topics were
 * empty, and all committed output.
 *
 * exit 0: finished or stopped
 * exit 1: the job failed
 * exit 2: bad arguments, or no broker answers
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { isMainThread } from 'node:worker_threads'
import { execute, fileStorage, type Job, type JobHandle, memoryStorage, RxweftError } from 'rxweft'
import { embeddedGround } from './embeddedGround.ts'
import type { Ground, RepartitionEnds, Until } from './ends.ts'
import { kafkaGround } from './kafkaGround.ts'
import { narrate } from './narrate.ts'
import { prepare } from './prepare.ts'
import { printing } from './printing.ts'
import { type Sample, samples } from './samples.ts'

/** What each file exports. */
interface Example {
  readonly onTopics: (ends: RepartitionEnds) => Job
  /** Number of threads. Such a job has a repartition topic, so it does not end by itself. */
  readonly shards?: number
}

/** An example without topics: it prints its result, and takes no options. */
interface PrintedExample {
  readonly print: (say: (line: string) => void) => Promise<void>
}

const examples = new Map<string, () => Promise<Example | PrintedExample>>([
  ['wordCount', () => import('../wordCount.ts')],
  ['manyCores', () => import('../manyCores.ts')],
  ['sessions', () => import('../sessions.ts')],
  ['fraudRules', () => import('../fraudRules.ts')],
  ['enrichment', () => import('../enrichment.ts')],
  ['dedupe', () => import('../dedupe.ts')],
  ['crashTest', () => import('../crashTest.ts')],
])

const usage = `usage: npm run example -- ${[...examples.keys()].join('|')}
  [--brokers HOST:PORT[,...]]   on Kafka; topics that there are not are made
  [--prefix TEXT]               on Kafka: what the names of topics and transactional ids begin with
  [--embedded FILE]             on an embedded log that stays; default: on one that does not
  [--checkpoints DIR]           default FILE-checkpoints, and on Kafka ./checkpoints
  [--follow]                    read on until Ctrl-C, as manyCores always does; default: end when all that is there is processed
crashTest runs in memory, in a second, and takes no options.
exit code: 0 ended as it should, 1 the job failed, 2 wrong arguments or no broker answers`

const text = { type: 'string' } as const
const flag = { type: 'boolean' } as const
const options = { brokers: text, prefix: text, embedded: text, checkpoints: text, follow: flag, help: flag } as const

function given() {
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true })
    return { ...values, name: positionals[0] ?? '' }
  } catch (error) {
    return exit(2, `${(error as Error).message.split('\n')[0]} (try --help)`)
  }
}

/** One line for errors that the user can fix, the whole stack for bugs. */
function exit(code: number, error: unknown): never {
  console.error(error instanceof RxweftError ? error.message : error)
  process.exit(code)
}

/** The first signal stops the job, a second one kills it. */
async function run({ onTopics, shards }: Example, sample: Sample, ground: Ground, checkpoints: string): Promise<void> {
  const { job, sinks } = await prepare(onTopics, sample, ground, console.log)
  const running = execute(job, { shards, storage: fileStorage(checkpoints), checkpointing: { interval: 500 } })
  narrate(running, false)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, running.stop)
  const printed = memoryStorage()
  const print = (until: Until): JobHandle => execute(printing(ground, sinks, until), { storage: printed })
  const meanwhile = follow ? print(undefined) : undefined
  await running.done
  await meanwhile?.stop()
  // Printed output is in the checkpoint of the printing job, which continues behind it.
  await print('latest').done
  await ground.close()
}

/** In a temporary folder by default. */
async function embeddedIn(file: string | undefined): Promise<[Ground, checkpoints: string]> {
  // The threads of shards get the environment of the main one.
  if (file === undefined) process.env.RXWEFT_EXAMPLE ??= mkdtempSync(join(tmpdir(), 'rxweft-example-'))
  const path = file ?? join(process.env.RXWEFT_EXAMPLE as string, 'log')
  if (file === undefined && isMainThread) process.once('exit', () => rmSync(dirname(path), { recursive: true }))
  return [embeddedGround(path, until), `${path}-checkpoints`]
}

async function kafkaOn(brokers: string): Promise<[Ground, checkpoints: string]> {
  return [await kafkaGround(brokers.split(','), prefix, until), join('checkpoints', prefix)]
}

function said(example: Example): string {
  const why = example.shards === undefined ? '' : 'a job with a repartition topic does not end by itself: '
  return `${why}press Ctrl-C to stop it`
}

const { name, brokers, prefix = '', embedded, help, checkpoints, ...more } = given()
if (help) {
  console.log(usage)
  process.exit(0)
}
if (brokers !== undefined && embedded !== undefined) exit(2, 'give either --brokers or --embedded (try --help)')
const example = await examples.get(name)?.()
if (example === undefined) exit(2, usage)
if ('print' in example) {
  await example.print(console.log)
  process.exit(0)
}
const follow = more.follow === true || example.shards !== undefined
const until = follow ? undefined : 'latest'
if (follow && isMainThread) console.log(said(example))
const opened = brokers === undefined ? embeddedIn(embedded) : kafkaOn(brokers)
const [ground, folder] = await opened.catch((error) => exit(2, error))
await run(example, samples[name] ?? {}, ground, checkpoints ?? folder).catch((error) => exit(1, error))
process.exit(0)
