/** Nexmark: each query by rxweft and by Flink SQL over the same topic; outputs are compared. `npm run nexmark -- --help`. */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { toError } from '../../src/errors.ts'
import type { Lab } from '../lab/lab.ts'
import type { Topic } from '../lab/topics.ts'
import { withLab } from '../lab/withLab.ts'
import { plans } from '../plan.ts'
import { feed } from './feed.ts'
import { compareRun, type Peer, peers, type QueryRun, runQuery } from './peers.ts'
import { queries } from './queries.ts'
import { report } from './report.ts'

const usage = `npm run nexmark -- [--queries q0,q5] [--peers rxweft,Flink,"Flink tuned"] [--events 500000] [--seed 1]
                   [--net] [--rounds 1] [--partitions 1] [--interval 1000] [--out FILE]

Starts a Kafka broker with Java and Maven, unless KAFKA_BROKERS names one. Every peer reads the same topic to its end, exactly once,
with a checkpoint every --interval ms; what Kafka's own consumer then reads must be the same of all. Figures are without the start of a
process, but with that of the job in it, most of what Flink takes for few events; with --net each job also runs over a twentieth of the
events, and the figures are the difference.

exit 0: all outputs are equal   exit 1: they differ, or a program failed   exit 2: bad arguments`

const text = (value: string) => ({ type: 'string', default: value }) as const

function given() {
  try {
    const { values } = parseArgs({
      options: {
        ...{ queries: text(Object.keys(queries).join(',')), peers: text(peers.join(',')), events: text('500000') },
        ...{ seed: text('1'), rounds: text('1'), partitions: text('1'), interval: text('1000'), rate: text('10000') },
        ...({
          out: { type: 'string' },
          net: { type: 'boolean', default: false },
          help: { type: 'boolean', default: false },
        } as const),
      },
    })
    const [names, who] = [values.queries.split(','), values.peers.split(',') as Peer[]]
    for (const name of names) if (!(name in queries)) throw new Error(`there is no query ${name}`)
    for (const peer of who) if (!peers.includes(peer)) throw new Error(`there is no peer ${peer}`)
    return { ...values, names, who }
  } catch (thrown) {
    console.error(`${toError(thrown).message}\n\n${usage}`)
    return process.exit(2)
  }
}

const { help, names, who, out, net, ...numbers } = given()
if (help) {
  console.log(usage)
  process.exit(0)
}
const [events, seed, rounds, interval] = [numbers.events, numbers.seed, numbers.rounds, numbers.interval].map(
  Number,
) as [number, number, number, number]
const [partitions, rate] = [Number(numbers.partitions), Number(numbers.rate)]
const runs: QueryRun[] = []

async function measure(lab: Lab): Promise<void> {
  const source = await filled(lab, events)
  const few = net ? await filled(lab, Math.ceil(events / 20)) : null
  for (const query of names) {
    for (let round = 1; round <= rounds; round++) {
      const found = new Map<Peer, readonly string[]>()
      for (const peer of who) {
        const about = { query, peer, round, interval, partitions }
        const first = few === null ? null : (await runQuery(lab, { ...about, source: few })).run
        const { run, rows } = await runQuery(lab, { ...about, source })
        const checked = { ...compareRun(run, rows, found), ...startOf(first), events }
        runs.push(checked)
        lab.say(`${query} ${peer}: ${JSON.stringify(checked)}`)
      }
    }
  }
}

/** What a run has taken that serves to measure the start; its problem is one of the whole. */
function startOf(run: QueryRun | null): Pick<QueryRun, 'start' | 'problem'> {
  if (run === null) return {}
  const { problem, ms = Number.NaN, cpu = Number.NaN, peak = Number.NaN } = run
  return problem === undefined ? { start: { ms, cpu, peak } } : { problem }
}

async function filled(lab: Lab, count: number): Promise<Topic> {
  const topic = await lab.topics.create('nexmark', partitions)
  // Half of the events are of one day, and half of the next one.
  const start = Date.UTC(2024, 0, 2) - Math.floor((count / rate) * 500)
  await feed(lab.brokers, topic.name, partitions, { seed, events: count, start, rate })
  lab.say(`${count.toLocaleString('en-US')} events, seed ${seed}, in ${partitions} partitions`)
  return topic
}

const asked = {
  plan: plans.quick,
  wants: () => true,
  say: (line: string) => console.log(line),
  record: () => undefined,
}
await withLab(asked, measure)
console.log(report(runs))
if (out !== undefined)
  writeFileSync(resolve(out), `${JSON.stringify({ events, seed, rate, interval, partitions, runs }, null, 1)}\n`)
process.exitCode = runs.every(({ problem }) => problem === undefined) ? 0 : 1
