/**
 * `npm test`: types, lint, unit tests, consumers of the packed
 * packages, fuzzing, simulated schedules, the docs site with its links, broker tests, one after the
 * other, and all of them even if one fails. The last line sums up; a program counts as one.
 *
 *   npm test
 *   npm test -- types unit     only these parts
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { endGuard } from '../tools/broker/endGuard.ts'
import { failuresIn, show, sum, type Tally, tallyOf, type VitestReport } from '../tools/support/tally.ts'

const root = join(import.meta.dirname, '..')
const path = [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter)
/** Against what hangs, ms: on two cores the longest part, that of the brokers, takes about half an hour. */
const limit = 50 * 60_000
let stop: (signal: NodeJS.Signals) => void = () => undefined
let stopped = false
/** Of all parts, by name. */
const failures: string[] = []

/**
 * The parts that draw at random have fixed seeds and counts, so that they are the same for
 * everybody: `npm run fuzz` and `npm run simulate` draw others. The schedules take three minutes on
 * two cores.
 */
const parts: Readonly<Record<string, () => Promise<Tally>>> = {
  types: () => check('tsc', ['--noEmit']),
  lint: () => check('biome', ['check', '.']),
  unit: () => vitest('unit'),
  consumers: () => vitest('consumers'),
  fuzz: () => check('node', ['--conditions=rxweft-source', '--import', 'tsx', 'test/fuzz/fuzz.ts', '--seed', '14']),
  schedules: async () => sum([await schedules(3_700), await schedules(1_800, '--spread')]),
  site: () => check('node', ['--import', 'tsx', 'tools/docs/site.ts']),
  broker: () => vitest('broker'),
}

/**
 * In a process group of its own, which ends with this process: vitest's workers would outlive a vitest that is killed. Vitest's own limits
 * are no help against a test that blocks its thread.
 */
async function run(command: string, args: readonly string[]): Promise<number> {
  if (stopped) return 1
  console.log(`\n> ${command} ${args.join(' ')}`)
  const env = { ...process.env, PATH: path }
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env, detached: true })
  const exit = once(child, 'exit')
  await once(child, 'spawn')
  const group = endGuard('kill -9 "-$1"', [String(child.pid)])
  stop = (signal) => process.kill(-(child.pid as number), signal)
  const timer = setTimeout(() => {
    console.error(`${command} hangs: it has not ended within ${limit / 60_000} minutes, and is killed`)
    stop('SIGKILL')
  }, limit)
  const [code] = await exit
  clearTimeout(timer)
  stop = () => undefined
  group.dismiss()
  return code ?? 1
}

async function check(command: string, args: readonly string[]): Promise<Tally> {
  const failed = (await run(command, args)) === 0 ? 0 : 1
  return { passed: 1 - failed, failed, skipped: 0 }
}

/** Beyond the seeds that the unit tests replay. */
function schedules(seeds: number, ...more: readonly string[]): Promise<Tally> {
  const args = ['--import', 'tsx', 'test/simulation/simulate.ts', '--seed', '101', '--seeds', String(seeds), ...more]
  return check('node', args)
}

async function vitest(project: string): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), 'rxweft-run-'))
  try {
    const file = join(folder, 'report.json')
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    const code = await run('vitest', ['run', '--project', project, ...reporters])
    const told = await report(file)
    failures.push(...failuresIn(told, root))
    return tallyOf(told, code)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function report(file: string): Promise<VitestReport | null> {
  const text = await readFile(file, 'utf8').catch(() => null)
  return text === null ? null : JSON.parse(text)
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    stopped = true
    stop(signal)
  })
}

const asked = process.argv.slice(2)
const unknown = asked.find((name) => parts[name] === undefined)
if (unknown !== undefined) {
  console.error(`npm test: there is no part "${unknown}", but ${Object.keys(parts).join(', ')}`)
  process.exit(2)
}
const found: { readonly name: string; readonly tally: Tally }[] = []
for (const [name, part] of Object.entries(parts)) {
  if (asked.length === 0 || asked.includes(name)) found.push({ name, tally: await part() })
}
const all = sum(found.map(({ tally }) => tally))
console.log('')
for (const failure of failures) console.log(`FAILED ${failure}`)
for (const { name, tally } of found) console.log(`${name.padEnd(9)} ${show(tally)}`)
console.log(show(all))
process.exit(all.failed === 0 ? 0 : 1)
