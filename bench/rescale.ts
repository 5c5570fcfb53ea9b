/**
 * How long shards pause when slots move, under load, with windows open: 4 -> 7 -> 4 shards, then one hot slot.
 *
 *   node --conditions=rxweft-source --import tsx bench/rescale.ts [--mb 100] [--rate 1000] [--interval 100]
 *
 * The pause of a shard is the longest time between two of its commits around the move; of a new one, the time from the request to its
 * first commit. Prints one line of JSON for each move.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startJavaBroker } from '../tools/broker/javaBroker.ts'
import { type Program, startProgram } from '../tools/support/program.ts'
import { testTopics } from '../tools/support/topics.ts'

const { values } = parseArgs({
  options: {
    mb: { type: 'string', default: '100' },
    rate: { type: 'string', default: '1000' },
    interval: { type: 'string', default: '100' },
  },
})
const [megabytes, rate] = [Number(values.mb), Number(values.rate)]
const [words, partitions, longest] = [2_000, 8, 120_000]

interface Said {
  readonly at: number
  readonly type: string
  readonly shard?: number
}

const saidBy = ({ said }: Program): readonly Said[] =>
  said
    .split('\n')
    .filter((line) => line.startsWith('{"at"') && line.endsWith('}'))
    .map((line) => JSON.parse(line))

async function until(what: string, program: Program, is: () => boolean): Promise<void> {
  for (const limit = Date.now() + longest; !is(); await pause(100)) {
    if (!program.alive || Date.now() > limit) throw new Error(`not ${what}: ${program.said.slice(-2_000)}`)
  }
}

/** Commits of each shard since a time. */
function commitsSince(program: Program, since: number): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, number[]>()
  for (const { at, type, shard } of saidBy(program))
    if (type === 'checkpoint-committed' && shard !== undefined && at >= since)
      found.set(shard, [...(found.get(shard) ?? []), at])
  return found
}

/** Moves, and reports the pauses of shards that were concerned and of the others. */
async function measure(what: string, program: Program, shards: number, move: () => Promise<void>): Promise<void> {
  const began = Date.now()
  await move()
  const moved = Date.now()
  await until('committing again', program, () => commitsSince(program, moved).size >= shards)
  await pause(2_000)
  const pauses = [...commitsSince(program, began - 3_000)].map(([shard, times]) => {
    const all = times.some((at) => at < began) ? times : [began, ...times]
    return { shard, ms: Math.max(...all.slice(1).map((at, before) => at - (all[before] as number))) }
  })
  const sorted = pauses.map(({ ms }) => ms).sort((a, b) => a - b)
  const load = (loadavg()[0] ?? 0).toFixed(1)
  console.log(JSON.stringify({ what, megabytes, rate, askedToMovedMs: moved - began, pausesMs: sorted, load }))
}

const broker = await startJavaBroker({ startTimeout: 180_000 })
const folder = await mkdtemp(join(tmpdir(), 'rxweft-bench-rescale-'))
try {
  const topics = await testTopics(broker.brokers)
  for (const name of ['words', 'counts', 'seen']) await topics.create(partitions, {}, name)
  const env = {
    ...{ KAFKA_BROKERS: broker.brokers.join(','), SHARDS: '4', NUMBERS: '7,4', INTERVAL: String(values.interval) },
    ...{ WORD_BYTES: String((megabytes * 1_000_000) / words), FOLDER: folder },
  }
  const program = startProgram([], env, join(import.meta.dirname, 'rescaling/job.ts'))
  let ended = false
  let at = 0
  const feeding = (async () => {
    while (!ended && program.alive) {
      for (let partition = 0; partition < partitions; partition++) {
        const some = Array.from({ length: Math.ceil(rate / 20 / partitions) }, () => ({
          key: null,
          value: `w${at++ % words}`,
        }))
        await topics.append('words', some, partition)
      }
      await pause(50)
    }
  })().catch(() => undefined)
  await until('running', program, () => commitsSince(program, 0).size === 4)
  // Each word has its state.
  await until('fed', program, () => at > 2 * words)
  await pause(10_000)
  console.log(JSON.stringify({ node: process.version, cores: cpus().length, words, partitions }))
  for (const [what, shards] of [
    ['4 -> 7', 7],
    ['7 -> 4', 4],
  ] as const) {
    await measure(what, program, shards, async () => {
      const before = saidBy(program).filter(({ type }) => type === 'moved').length
      process.kill(program.pid, 'SIGUSR2')
      await until('moved', program, () => saidBy(program).filter(({ type }) => type === 'moved').length > before)
    })
    await pause(3_000)
  }
  await measure('one slot', program, 4, async () => {
    const args = [
      'move',
      '--slots',
      '0',
      '--to',
      '1',
      '--yes',
      '--job',
      'rescaling',
      '--brokers',
      broker.brokers.join(','),
    ]
    const tool = startProgram(args, {}, join(import.meta.dirname, '../src/cli/main.ts'))
    if ((await tool.ended) !== 0) throw new Error(tool.said)
  })
  ended = true
  await feeding
  await program.kill()
  await topics.close()
} finally {
  await broker.stop()
  await rm(folder, { recursive: true, force: true })
}
