/**
 * The benchmark suite: `npm run bench -- --help`. Compiles, starts a broker, runs the scenarios one after the other, and reports: a line for each run,
 * tables, the bars, and a JSON with everything.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { toError } from '../src/errors.ts'
import { endGuard } from '../test/broker/endGuard.ts'
import { type Arguments, parse, usage } from './arguments.ts'
import { buildJvm } from './jvm/jvm.ts'
import { benchBroker } from './lab/broker.ts'
import type { Lab, Scenario } from './lab/lab.ts'
import { machine, versions } from './lab/machine.ts'
import { uppercasePeers } from './lab/program.ts'
import { topicsOn } from './lab/topics.ts'
import { plans, scaled } from './plan.ts'
import { bars } from './report/bars.ts'
import { charts } from './report/charts.ts'
import type { Results, Run } from './report/results.ts'
import { barList, runLine, tables } from './report/table.ts'
import { checkpoints } from './scenarios/checkpoints.ts'
import { latency } from './scenarios/latency.ts'
import { memory } from './scenarios/memory.ts'
import { restart } from './scenarios/restart.ts'
import { state } from './scenarios/state.ts'
import { throughput } from './scenarios/throughput.ts'

const scenarios: Readonly<Record<string, Scenario>> = { throughput, checkpoints, latency, restart, memory, state }
const root = join(import.meta.dirname, '..')
const say = (line: string): void => console.log(line)

/** What users run, and the programs under test beside it. */
async function build(): Promise<void> {
  const tsc = join(root, 'node_modules/.bin/tsc')
  for (const project of ['tsconfig.build.json', 'bench/tsconfig.json']) {
    try {
      await promisify(execFile)(tsc, ['-p', project], { cwd: root })
    } catch (thrown) {
      throw new Error(`tsc -p ${project}: ${(thrown as { stdout?: string }).stdout ?? toError(thrown).message}`)
    }
  }
}

async function measure({ mode, only, peers, scale, rounds }: Arguments): Promise<Results> {
  const plan = scaled(plans[mode], scale, rounds)
  const runs: Run[] = []
  const date = new Date().toISOString()
  const on = machine()
  await build()
  const jvm = await buildJvm(say)
  const broker = await benchBroker(say)
  const folder = mkdtempSync(join(tmpdir(), 'rxweft-bench-'))
  const guard = endGuard('rm -rf "$1"', [folder])
  try {
    const topics = await topicsOn(broker.brokers)
    const lab: Lab = {
      ...{ brokers: broker.brokers.join(','), topics, jvm, plan, folder, say },
      wants: (peer) => peers?.includes(peer) ?? true,
      record(run) {
        runs.push(run)
        say(runLine(run))
      },
    }
    say(`on ${broker.describe}, with ${on.cores} cores`)
    let broken: string | undefined
    try {
      for (const [name, scenario] of Object.entries(scenarios)) {
        if (only?.includes(name) ?? true) await scenario(lab)
      }
    } catch (thrown) {
      // An hour of figures is not thrown away for what came after it.
      broken = toError(thrown).stack
    }
    await topics.close()
    const failure = broken === undefined ? {} : { broken }
    return { ...failure, date, mode, machine: on, versions: await versions(broker.describe), plan, runs }
  } finally {
    await broker.stop()
    rmSync(folder, { recursive: true, force: true })
    guard.dismiss()
  }
}

function report(results: Results, out: string): boolean {
  mkdirSync(dirname(out), { recursive: true })
  writeFileSync(out, `${JSON.stringify(results, null, 1)}\n`)
  say(`\n${tables(results)}\n\n${barList(bars(results.runs))}\n\nwritten to ${relative(process.cwd(), out)}`)
  const failures = results.runs.filter(({ problem }) => problem !== undefined)
  for (const { scenario, shape, peer, round, problem } of failures) {
    say(`FAILED: ${scenario}, ${shape}, ${peer}, run ${round}: ${problem}`)
  }
  if (results.broken !== undefined) say(`FAILED: the suite itself: ${results.broken}`)
  return failures.length === 0 && results.broken === undefined
}

function draw(file: string): void {
  const folder = join(import.meta.dirname, 'results/charts')
  mkdirSync(folder, { recursive: true })
  for (const [name, svg] of Object.entries(charts(JSON.parse(readFileSync(file, 'utf8'))))) {
    writeFileSync(join(folder, `${name}.svg`), svg)
    say(`written to ${relative(process.cwd(), join(folder, `${name}.svg`))}`)
  }
}

function asked(): Arguments {
  try {
    return parse(process.argv.slice(2), Object.keys(scenarios), uppercasePeers)
  } catch (thrown) {
    console.error(toError(thrown).message)
    return process.exit(2)
  }
}

const given = asked()
if (given.help) say(usage)
else if (given.charts !== null) draw(given.charts)
else {
  const results = await measure(given)
  const name = `${results.date.slice(0, 16).replaceAll(':', '-')}-${given.mode}.json`
  const good = report(results, given.out ?? join(import.meta.dirname, 'results', name))
  process.exitCode = good ? 0 : 1
}
