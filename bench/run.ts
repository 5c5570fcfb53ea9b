/**
 * The benchmark suite: `npm run bench -- --help`. Compiles, starts a broker, runs the scenarios one after the other, and reports: a line for each run,
 * tables, the bars, and a JSON with everything.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { toError } from '../src/errors.ts'
import { type Arguments, parse, usage } from './arguments.ts'
import type { Scenario } from './lab/lab.ts'
import { machine, versions } from './lab/machine.ts'
import { uppercasePeers } from './lab/program.ts'
import { withLab } from './lab/withLab.ts'
import { median } from './measure/stats.ts'
import { plans, scaled } from './plan.ts'
import { bars } from './report/bars.ts'
import { charts } from './report/charts.ts'
import { figuresOf, type Results, type Run } from './report/results.ts'
import { barList, runLine, tables } from './report/table.ts'
import { checkpoints } from './scenarios/checkpoints.ts'
import { latency } from './scenarios/latency.ts'
import { memory } from './scenarios/memory.ts'
import { restart } from './scenarios/restart.ts'
import { shards } from './scenarios/shards.ts'
import { state } from './scenarios/state.ts'
import { throughput } from './scenarios/throughput.ts'

const scenarios: Readonly<Record<string, Scenario>> = {
  throughput,
  checkpoints,
  latency,
  restart,
  shards,
  memory,
  state,
}
const folder = join(import.meta.dirname, 'results')
const say = (line: string): void => console.log(line)

async function measure({ mode, only, peers, scale, rounds }: Arguments): Promise<Results> {
  const plan = scaled(plans[mode], scale, rounds)
  const runs: Run[] = []
  const about = { date: new Date().toISOString(), mode, machine: machine(), plan, scale, runs }
  const asked = {
    ...{ plan, say },
    wants: (peer: string) => peers?.includes(peer) ?? true,
    record(run: Run) {
      runs.push(run)
      say(runLine(run))
    },
  }
  return withLab(asked, async (lab, broker) => {
    say(`on ${broker}, with ${about.machine.cores} cores`)
    const results = { ...about, versions: await versions(broker) }
    try {
      for (const [name, scenario] of Object.entries(scenarios)) {
        if (only?.includes(name) ?? true) await scenario(lab)
      }
      return results
    } catch (thrown) {
      // An hour of figures is not thrown away for what came after it.
      return { ...results, broken: toError(thrown).stack ?? 'unknown' }
    }
  })
}

/** Whether nothing was found wrong. */
function report(results: Results, out: string): boolean {
  const { runs, broken, scale } = results
  mkdirSync(dirname(out), { recursive: true })
  writeFileSync(out, `${JSON.stringify(results, null, 1)}\n`)
  const verdicts =
    scale === 1 ? barList(bars(runs)) : `no bars: they are for the whole of the records, not for ${scale} of them`
  say(`\n${tables(results)}\n\n${verdicts}\n\nwritten to ${relative(process.cwd(), out)}`)
  const others = median(figuresOf(runs, 'others'))
  if (others > 0.2) say(`other programs had ${others.toFixed(1)} cores meanwhile: take the ratios, and not the figures`)
  for (const { scenario, shape, peer, round, problem } of runs) {
    if (problem !== undefined) say(`FAILED: ${scenario}, ${shape}, ${peer}, run ${round}: ${problem}`)
  }
  if (broken !== undefined) say(`FAILED: the suite itself: ${broken}`)
  return broken === undefined && runs.every(({ problem }) => problem === undefined)
}

function draw(file: string): void {
  mkdirSync(join(folder, 'charts'), { recursive: true })
  for (const [name, svg] of Object.entries(charts(JSON.parse(readFileSync(file, 'utf8'))))) {
    const out = join(folder, 'charts', `${name}.svg`)
    writeFileSync(out, svg)
    say(`written to ${relative(process.cwd(), out)}`)
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
  process.exitCode = report(results, given.out ?? join(folder, name)) ? 0 : 1
}
