/** One run of a query by rxweft or by Flink, and what it has written. */
import { execFile } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { toError } from '../../src/errors.ts'
import type { Lab } from '../lab/lab.ts'
import type { Topic } from '../lab/topics.ts'
import { canonical, difference } from './compare.ts'
import { statementsOf } from './flink.ts'
import { keysOf } from './queries.ts'
import type { Row } from './query.ts'
import type { RunSettings } from './run.ts'

export const peers = ['rxweft', 'Flink', 'Flink tuned'] as const
export type Peer = (typeof peers)[number]

/** What a job has taken, without the start of its process. */
export interface Taken {
  readonly ms: number
  /** CPU time, ms. */
  readonly cpu: number
  /** Largest resident memory, KiB. */
  readonly peak: number
}

export interface QueryRun extends Partial<Taken> {
  readonly query: string
  readonly peer: Peer
  readonly round: number
  /** What the same job takes for a twentieth of the events, in which its start is most. */
  readonly start?: Taken
  /** Events of the run. */
  readonly events?: number
  /** Rows that count. */
  readonly rows?: number
  /** Why the run does not count, or how its rows differ from those of the first peer. */
  readonly problem?: string
}

export interface Asked {
  readonly query: string
  readonly peer: Peer
  readonly round: number
  readonly source: Topic
  readonly interval: number
  readonly partitions: number
}

/** Its rows are decided by the clock, and Flink drops the windows that are open at the end: they are not compared. */
const byClock = 'q12'

export async function runQuery(
  lab: Lab,
  asked: Asked,
): Promise<{ readonly run: QueryRun; readonly rows: readonly string[] }> {
  const { query, peer, round } = asked
  const about = { query, peer, round }
  const sink = await lab.topics.create(`${query}-rows`, 1)
  const folder = join(lab.folder, sink.name)
  try {
    const taken = peer === 'rxweft' ? await ours(lab, asked, sink) : await flinks(lab, asked, sink)
    const rows = (await lab.jvm.rows({ brokers: lab.brokers, topic: sink.name })).map(inMs)
    const found = canonical(rows, keysOf[query])
    return { run: { ...about, ...taken, rows: found.length }, rows: found }
  } catch (thrown) {
    return { run: { ...about, problem: toError(thrown).message.slice(0, 2_000) }, rows: [] }
  } finally {
    await sink.delete()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The run with how its rows differ from those of the first one of its round. */
export function compareRun(run: QueryRun, rows: readonly string[], found: Map<Peer, readonly string[]>): QueryRun {
  if (run.problem !== undefined) return run
  const [first] = found
  found.set(run.peer, rows)
  if (rows.length === 0) return { ...run, problem: 'no rows' }
  if (first === undefined || run.query === byClock) return run
  const [peer, expected] = first
  const { missing, extra } = difference(expected, rows)
  if (missing.length + extra.length === 0) return run
  const shown = `for example ${missing[0]} and ${extra[0]}`
  return { ...run, problem: `${missing.length} rows of ${peer} are missing, ${extra.length} are others; ${shown}` }
}

const times = ['stime', 'starttime', 'endtime']

/** Flink writes times of windows as text, in UTC. */
function inMs(row: Row): Row {
  const texts = times.filter((name) => typeof row[name] === 'string')
  if (texts.length === 0) return row
  return { ...row, ...Object.fromEntries(texts.map((name) => [name, Date.parse(`${row[name]}Z`.replace(' ', 'T'))])) }
}

const program = join(import.meta.dirname, '../dist/bench/nexmark/run.js')

async function ours(lab: Lab, { query, source, interval }: Asked, sink: Topic): Promise<Taken> {
  const settings: RunSettings = {
    ...{ query, brokers: lab.brokers, source: source.name, sink: sink.name, id: sink.name, interval },
    checkpoints: join(lab.folder, sink.name),
  }
  // As in production, whatever this process was started with.
  const env = { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '' }
  const { stdout } = await promisify(execFile)(process.execPath, [program, JSON.stringify(settings)], { env })
  return JSON.parse(stdout) as Taken
}

async function flinks(lab: Lab, { query, peer, source, interval, partitions }: Asked, sink: Topic): Promise<Taken> {
  const tuned = peer === 'Flink tuned'
  const places = { brokers: lab.brokers, source: source.name, sink: sink.name, id: sink.name }
  const sql = join(lab.folder, `${sink.name}.sql`)
  writeFileSync(sql, statementsOf(query, places, tuned))
  const checkpoints = join(lab.folder, sink.name)
  return lab.jvm.flinkSql({ sql, interval, checkpoints, tuned, parallelism: partitions })
}
