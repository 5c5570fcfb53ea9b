/**
 * Runs an example: `npm run example -- wordCount`. It prints what it reads where its topics were empty, and what it has committed.
 *
 * exit 0: ended as it should   exit 1: the job failed   exit 2: bad arguments, or no broker answers
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { execute, fileStorage, type Job, type JobHandle, memoryStorage, RxweftError } from 'rxweft'
import { embeddedGround } from './embeddedGround.ts'
import type { Ends, Ground } from './ends.ts'
import { kafkaGround } from './kafkaGround.ts'
import { narrate } from './narrate.ts'
import { prepare } from './prepare.ts'
import { printing } from './printing.ts'
import { type Sample, samples } from './samples.ts'

/** What each file exports. */
interface Example {
  readonly onTopics: (ends: Ends) => Job
}

const examples: Readonly<Record<string, () => Promise<Example>>> = {
  wordCount: () => import('../wordCount.ts'),
  sessions: () => import('../sessions.ts'),
  enrichment: () => import('../enrichment.ts'),
  dedupe: () => import('../dedupe.ts'),
}

const usage = `usage: npm run example -- ${Object.keys(examples).join('|')}
  [--brokers HOST:PORT[,...]]   on Kafka; topics that there are not are made
  [--prefix TEXT]               on Kafka: what the names of topics and transactional ids begin with
  [--embedded FILE]             on an embedded log that stays; default: on one that does not
  [--checkpoints DIR]           default FILE-checkpoints, and on Kafka ./checkpoints
  [--follow]                    read on until Ctrl-C; default: end when all that is there is processed`

const text = { type: 'string' } as const
const flag = { type: 'boolean' } as const
const options = { brokers: text, prefix: text, embedded: text, checkpoints: text, follow: flag, help: flag } as const

function given() {
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true })
    return { ...values, name: positionals[0] ?? '', until: values.follow ? undefined : ('latest' as const) }
  } catch (error) {
    return exit(2, `${(error as Error).message.split('\n')[0]} (try --help)`)
  }
}

/** One line for what the person at the keyboard can mend, everything for what is our mistake. */
function exit(code: number, error: unknown): never {
  console.error(error instanceof RxweftError ? error.message : error)
  process.exit(code)
}

/** Until both have ended. The first signal stops them, a second one ends them at once. */
async function run({ onTopics }: Example, sample: Sample, ground: Ground, checkpoints: string): Promise<void> {
  const { job, sinks } = await prepare(onTopics, sample, ground, console.log)
  const running = execute(job, { storage: fileStorage(checkpoints), checkpointing: { interval: 500 } })
  narrate(running, false)
  const print = (): JobHandle => execute(printing(ground, sinks), { storage: memoryStorage() })
  const printer = until === undefined ? print() : undefined
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, running.stop)
  await running.done
  await (printer?.stop() ?? print().done)
  await ground.close()
}

const { name, brokers, prefix = '', embedded, until, help, ...more } = given()
if (help) {
  console.log(usage)
  process.exit(0)
}
const example = await examples[name]?.().catch((error) => exit(1, error))
if (example === undefined) exit(2, usage)
const folder = await mkdtemp(join(tmpdir(), 'rxweft-example-'))
const file = embedded ?? join(folder, 'log')
const [ground, checkpoints] =
  brokers === undefined
    ? [embeddedGround(file, until), `${file}-checkpoints`]
    : [
        await kafkaGround(brokers.split(','), prefix, until).catch((error) => exit(2, error)),
        join('checkpoints', prefix),
      ]
await run(example, samples[name] ?? {}, ground, more.checkpoints ?? checkpoints).catch((error) => exit(1, error))
await rm(folder, { recursive: true })
process.exit(0)
