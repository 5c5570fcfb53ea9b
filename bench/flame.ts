/**
 * Where the time goes: runs a program under load on a real broker with Node's CPU profiler, prints its hottest functions, and writes a flame graph.
 *
 *   npm run flame [-- --records 5000000] [--value 100] [--interval 1000] [--peer rxweft] [--out FILE]
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { framesOf, hottest } from './flame/cpuProfile.ts'
import { flameGraph } from './flame/flameGraph.ts'
import type { Lab } from './lab/lab.ts'
import { startProgram } from './lab/program.ts'
import { through } from './lab/through.ts'
import { withLab } from './lab/withLab.ts'
import { plans } from './plan.ts'

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '5000000' },
    value: { type: 'string', default: '100' },
    interval: { type: 'string', default: '1000' },
    peer: { type: 'string', default: 'rxweft' },
    out: { type: 'string', default: join(import.meta.dirname, 'dist/flame.svg') },
  },
})
const [records, valueBytes, interval] = [values.records, values.value, values.interval].map(Number) as [
  number,
  number,
  number,
]
const say = (line: string): void => console.log(line)

/** The profile's text. */
async function profile(lab: Lab): Promise<string> {
  const [source, sink] = [await lab.topics.create('in', 1), await lab.topics.create('out', 1)]
  await lab.jvm.feed({
    ...{ brokers: lab.brokers, topic: source.name, partitions: 1, records, valueBytes, compression: 'none' },
  })
  const settings = { source: source.name, sink: sink.name, id: sink.name, interval, compression: 'none' } as const
  const checkpoints = join(lab.folder, 'checkpoints')
  const flags = ['--cpu-prof', `--cpu-prof-dir=${lab.folder}`]
  const program = await startProgram(lab, values.peer, { ...settings, checkpoints, partitions: 1 }, flags)
  await through(program, sink, records, interval)
  await program.stop()
  const file = readdirSync(lab.folder).find((name) => name.endsWith('.cpuprofile'))
  if (file === undefined) throw new Error(`${values.peer} has left no profile: is it a Node program?`)
  return readFileSync(join(lab.folder, file), 'utf8')
}

const asked = { plan: plans.quick, say, wants: () => true, record: () => undefined }
const root = framesOf(JSON.parse(await withLab(asked, profile)))
const show = (time: number): string => `${((100 * time) / root.total).toFixed(1).padStart(6)} %`
say(`${(root.total / 1_000).toFixed(0)} ms of work\n\n    self     total  function`)
for (const { name, self, total } of hottest(root).slice(0, 30)) say(`${show(self)}  ${show(total)}  ${name}`)
writeFileSync(values.out, flameGraph(root))
say(`\nwritten to ${values.out}`)
