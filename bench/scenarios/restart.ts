/**
 * From SIGKILL to the first newly committed record, under a steady load, with checkpoints every 100 ms: the same program is started again as soon as its
 * process is gone, as a supervisor would. The start of Node counts, and that of the consumer that sees the record does not.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { toError } from '../../src/errors.ts'
import type { Watch } from '../jvm/jvm.ts'
import type { Lab } from '../lab/lab.ts'
import { type Program, startProgram } from '../lab/program.ts'
import type { Series } from '../measure/rates.ts'
import { lossOf } from './latency.ts'

const interval = 100
/** How long a program may take until something is visible, ms. */
const patience = 30_000

export async function restart(lab: Lab): Promise<void> {
  if (!lab.wants('rxweft')) return
  const { kills, rate } = lab.plan.restart
  lab.say(`restart: ${kills} times SIGKILL at ${rate.toLocaleString('en-US')} records/s`)
  const [source, sink] = [await lab.topics.create('in', 1), await lab.topics.create('out', 1)]
  const checkpoints = join(lab.folder, sink.name)
  const topics = { brokers: lab.brokers, source: source.name, sink: sink.name }
  const about = { scenario: 'restart', shape: `${interval} ms`, peer: 'rxweft' }
  const watch = await lab.jvm.watch({ brokers: lab.brokers, topic: sink.name })
  const start = (): Promise<Program> =>
    startProgram(lab, 'rxweft', {
      ...{
        source: source.name,
        sink: sink.name,
        id: sink.name,
        interval,
        compression: 'none',
        checkpoints,
        partitions: 1,
      },
    })
  let program = await start()
  const seconds = 4 * kills + 15
  // On a machine that is too busy for all of them there are fewer: after a kill the load must still be there.
  const enough = Date.now() + seconds * 1_000 - 12_000
  const load = lab.jvm.latency({ ...topics, rate, seconds, warmupSeconds: 1, valueBytes: 100 })
  load.catch(() => undefined)
  const times: number[] = []
  try {
    await visibleAfter(watch, 0, program)
    for (let round = 1; round <= kills && Date.now() < enough; round++) {
      // Somewhere in a checkpoint, each time elsewhere.
      await pause(1_000 + ((round * 37) % interval))
      const killed = Date.now()
      await program.kill()
      program = await start()
      times.push((await visibleAfter(watch, await restoredAt(program), program)) - killed)
    }
    if (times.length < kills) lab.say(`only ${times.length} of ${kills} kills in ${seconds} s: is the machine busy?`)
    const found = await load
    await program.stop()
    const problem = lossOf(found, rate * seconds)
    times.forEach((time, at) => {
      lab.record({ ...about, round: at + 1, figures: { restart: time }, ...(problem === null ? {} : { problem }) })
    })
  } catch (thrown) {
    lab.record({ ...about, round: times.length + 1, figures: {}, problem: toError(thrown).message })
    if (program.ended === null) await program.kill()
  } finally {
    await load.catch(() => undefined)
    await watch.stop()
    await source.delete()
    await sink.delete()
    rmSync(checkpoints, { recursive: true, force: true })
  }
}

/** What its predecessor had under way is decided by then: all that becomes visible later is its own. */
async function restoredAt(program: Program): Promise<number> {
  return await until(program, () => program.printed.find(([, line]) => line.startsWith('restored'))?.[0])
}

function visibleAfter(watch: Watch, moment: number, program: Program): Promise<number> {
  return until(program, () => firstAfter(watch.seen, moment))
}

/** When the first records became visible after that moment; undefined: none have. */
export function firstAfter(seen: Series, moment: number): number | undefined {
  return seen.find(
    ([at], index) => at > moment && (seen[index] as Series[number])[1] > (seen[index - 1]?.[1] ?? 0),
  )?.[0]
}

async function until(program: Program, look: () => number | undefined): Promise<number> {
  const deadline = Date.now() + patience
  for (;;) {
    const found = look()
    if (found !== undefined) return found
    if (program.ended !== null) throw new Error(program.ended)
    if (Date.now() > deadline) throw new Error(`nothing was committed within ${patience / 1_000} s`)
    await pause(5)
  }
}
