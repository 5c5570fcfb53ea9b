/**
 * Goals of the suite: ratios of medians of one run, and a few absolute figures. A goal whose runs
 * are missing is not measured.
 */
import { spread } from '../measure/stats.ts'
import { type Figure, figuresOf, type Run, runsOf } from './results.ts'

export interface Bar {
  readonly name: string
  readonly wanted: string
  /** null: not measured. */
  readonly measured: string | null
  readonly met: boolean | null
}

type Look = (scenario: string, shape: string, peer: string, figure: Figure) => number | null

interface Rule {
  readonly name: string
  readonly atLeast?: number
  readonly atMost?: number
  readonly below?: number
  readonly unit: string
  readonly digits?: number
  /** null: not measured. */
  measure(look: Look): number | null
}

const ours = 'rxweft'
const asTheyCome = ['Kafka Streams', 'Flink']
const tuned = ['Kafka Streams tuned', 'Flink tuned']
const loops = ['kafkajs', 'platformatic']

const rules: readonly Rule[] = [
  {
    ...{ name: '100 B: against the faster of Kafka Streams and Flink', atLeast: 5, unit: 'x', digits: 1 },
    measure: (look) => against(look, '100 B', asTheyCome),
  },
  {
    ...{ name: '100 B: against the faster of them, tuned', atLeast: 5, unit: 'x', digits: 1 },
    measure: (look) => against(look, '100 B', tuned),
  },
  {
    ...{ name: '100 B: against the kafkajs loop', atLeast: 8, unit: 'x', digits: 1 },
    measure: (look) => against(look, '100 B', ['kafkajs']),
  },
  {
    ...{ name: '100 B: of the codec loop without RxJS', atLeast: 70, unit: ' %' },
    measure: (look) => percent(against(look, '100 B', ['codec loop'])),
  },
  {
    ...{ name: '1 KiB: against the best of the others', atLeast: 2, unit: 'x', digits: 1 },
    measure: (look) => against(look, '1 KiB', [...asTheyCome, ...loops], 3),
  },
  {
    ...{ name: '1 KiB: against the best of them, tuned', atLeast: 2, unit: 'x', digits: 1 },
    measure: (look) => against(look, '1 KiB', [...tuned, ...loops], 3),
  },
  {
    ...{ name: 'zstd: against the best of the others', atLeast: 2, unit: 'x', digits: 1 },
    measure: (look) => against(look, 'zstd', [...asTheyCome, ...loops], 3),
  },
  {
    ...{ name: 'zstd: against the best of them, tuned', atLeast: 2, unit: 'x', digits: 1 },
    measure: (look) => against(look, 'zstd', [...tuned, ...loops], 3),
  },
  {
    ...{ name: '100 B: CPU for a million records', atMost: 1, unit: ' s', digits: 2 },
    measure: (look) => look('throughput', '100 B', ours, 'cpu'),
  },
  {
    ...{ name: 'memory: the most over 20 M records', atMost: 250, unit: ' MiB' },
    measure: (look) => look('memory', '100 B', ours, 'peak'),
  },
  {
    ...{ name: 'memory: last quarter against the second', atMost: 1.1, unit: 'x', digits: 2 },
    measure: (look) => look('memory', '100 B', ours, 'growth'),
  },
  {
    ...{ name: '64 partitions: slower than one by', atMost: 15, unit: ' %' },
    measure: (look) =>
      slower(look('throughput', '64 partitions', ours, 'warm'), look('throughput', '100 B', ours, 'warm')),
  },
  {
    ...{ name: 'SIGKILL to the next committed record', below: 1_000, unit: ' ms' },
    measure: (look) => look('restart', '100 ms', ours, 'restart'),
  },
  {
    ...{ name: 'word count, 1 M keys in memory', atLeast: 300_000, unit: '/s' },
    measure: (look) => look('state', 'memory', ours, 'warm'),
  },
  {
    ...{ name: 'word count, 1 M keys in LMDB', atLeast: 100_000, unit: '/s' },
    measure: (look) => look('state', 'lmdb', ours, 'warm'),
  },
  {
    ...{ name: 'checkpoints every 100 ms cost, against 5 s', below: 10, unit: ' %', digits: 1 },
    measure: (look) =>
      slower(look('checkpoints', '100 ms', ours, 'warm'), look('checkpoints', '5000 ms', ours, 'warm')),
  },
  {
    ...{ name: 'latency with 100 ms checkpoints, p50', below: 80, unit: ' ms' },
    measure: (look) => look('latency', '100 ms', ours, 'p50'),
  },
  {
    ...{ name: 'latency with 100 ms checkpoints, p99', below: 150, unit: ' ms' },
    measure: (look) => look('latency', '100 ms', ours, 'p99'),
  },
  {
    ...{ name: 'latency with 20 ms checkpoints, p50', below: 25, unit: ' ms' },
    measure: (look) => look('latency', '20 ms', ours, 'p50'),
  },
]

/** How many times as fast as the fastest of them. All of them must be there, or at least `enough`: one may not run everywhere. */
function against(look: Look, shape: string, peers: readonly string[], enough = peers.length): number | null {
  const mine = look('throughput', shape, ours, 'warm')
  const theirs = peers.flatMap((peer) => look('throughput', shape, peer, 'warm') ?? [])
  return mine === null || theirs.length < enough ? null : mine / Math.max(...theirs)
}

/** By how many percent the first is lower than the second. */
function slower(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : 100 * (1 - one / other)
}

function percent(share: number | null): number | null {
  return share === null ? null : 100 * share
}

export function bars(runs: readonly Run[]): readonly Bar[] {
  const look: Look = (scenario, shape, peer, figure) =>
    spread(figuresOf(runsOf(runs, scenario, shape, peer), figure))?.median ?? null
  return rules.map((rule) => {
    const measured = rule.measure(look)
    return {
      name: rule.name,
      wanted: wanted(rule),
      measured: measured === null ? null : show(rule, measured),
      met: measured === null ? null : isMet(rule, measured),
    }
  })
}

/** Not of the rounded figure: 69.96 % is not 70 %. */
function isMet({ atLeast = -Infinity, atMost = Infinity, below = Infinity }: Rule, measured: number): boolean {
  return measured >= atLeast && measured <= atMost && measured < below
}

function wanted(rule: Rule): string {
  const { atLeast, atMost, below } = rule
  if (atLeast !== undefined) return `>= ${show({ ...rule, digits: 0 }, atLeast)}`
  return atMost === undefined ? `< ${show({ ...rule, digits: 0 }, below as number)}` : `<= ${atMost}${rule.unit}`
}

function show({ unit, digits = 0 }: Rule, value: number): string {
  return `${value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })}${unit}`
}
