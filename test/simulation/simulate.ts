/**
 * Simulates schedules of faults, each one out of its seed, and checks the promise after every one of them:
 *
 *   npm run simulate -- --seeds 20000        npm run simulate -- --seed 4711        npm run simulate -- --mutant all --seeds 2000
 *
 * Ends with 1 where a schedule has broken the promise, or where a mutant was not found.
 */
import { parseArguments, usage } from './cli/arguments.ts'
import { type Kind, playOf } from './cli/kinds.ts'
import { showVerdict } from './cli/showVerdict.ts'
import { spread } from './cli/spread.ts'
import { loadRxweft, ownSources } from './core/rxweft.ts'
import { mutants } from './mutants/mutants.ts'
import { patchedSources } from './mutants/patchedSources.ts'

const flags: Readonly<Record<Kind, string>> = {
  one: '',
  shards: ' --spread',
  members: ' --members',
  large: ' --large',
  rescale: ' --rescale',
}

async function main(): Promise<boolean> {
  const { mutants: names, replay, from, seeds, processes, kind } = parseArguments(process.argv.slice(2))
  if (names.length === 0) return replay ? replayed(ownSources, from, kind) : asItIs(from, seeds, processes, kind)
  let fine = true
  for (const name of names) fine = (await mutated(name, replay, from, seeds, processes)) && fine
  return fine
}

async function replayed(folder: string, seed: number, kind: Kind): Promise<boolean> {
  const verdict = await playOf(kind)(await loadRxweft(folder), seed, true)
  console.log(showVerdict(verdict, Infinity))
  return verdict.problems.length === 0
}

async function asItIs(from: number, seeds: number, processes: number, kind: Kind): Promise<boolean> {
  const started = performance.now()
  const { schedules, decisions, failures } = await spread({
    folder: ownSources,
    kind,
    from,
    seeds,
    processes,
    first: false,
  })
  const seconds = (performance.now() - started) / 1_000
  const rate = (schedules / seconds).toFixed(0)
  console.log(
    `${schedules} schedules, ${decisions} ledger entries, ${seconds.toFixed(1)} s (${rate} a second): ${failures.length} broken`,
  )
  for (const { seed, problems } of failures.slice(0, 20)) console.log(`seed ${seed}: ${problems[0]}`)
  const [first] = failures
  if (first !== undefined) {
    console.log(showVerdict(await playOf(kind)(await loadRxweft(), first.seed, true), 60))
    console.log(`all of it: npm run simulate -- --seed ${first.seed}${flags[kind]}`)
  }
  return failures.length === 0
}

/** Whether the simulation has found it, or cannot. */
async function mutated(
  name: string,
  replay: boolean,
  from: number,
  seeds: number,
  processes: number,
): Promise<boolean> {
  const mutant = mutants[name]
  if (mutant === undefined) return false
  const { folder, remove } = patchedSources(mutant)
  try {
    const kind = mutant.spread ? 'shards' : 'one'
    if (replay) return await replayed(folder, from, kind)
    const { failures, schedules } = await spread({ folder, kind, from, seeds, processes, first: true })
    const [found] = failures
    const what =
      found === undefined ? `not found in ${schedules} schedules` : `seed ${found.seed}: ${found.problems[0]}`
    console.log(
      `${name} (${mutant.rule}): ${what}${mutant.equivalent === undefined ? '' : `; harmless: ${mutant.equivalent}`}`,
    )
    return found !== undefined || mutant.equivalent !== undefined
  } finally {
    remove()
  }
}

try {
  process.exitCode = (await main()) ? 0 : 1
} catch (error) {
  if (!(error instanceof TypeError)) throw error
  console.error(`${error.message}\n\n${usage}`)
  process.exitCode = 2
}
