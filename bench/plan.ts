/**
 * Extent of the measurements: `--quick` takes 50 minutes on two cores, `--full` two to three hours.
 */

export type Mode = 'quick' | 'full'

export interface Shape {
  readonly name: string
  readonly records: number
  readonly valueBytes: number
  readonly partitions: number
  readonly compression: 'none' | 'zstd'
  /** ms between two commits. */
  readonly interval: number
  readonly rounds: number
  /** Who runs it; default: everybody. */
  readonly peers?: readonly string[]
}

export interface Plan {
  /**
   * How long somebody runs in each shape before it counts, ms: half of what a broker that has just started computes is its own compilation, at the
   * expense of whoever has the first turn.
   */
  readonly warmUp: number
  readonly throughput: readonly Shape[]
  /** Ours with several intervals over one topic. */
  readonly checkpoints: { readonly records: number; readonly intervals: readonly number[]; readonly rounds: number }
  readonly latency: {
    readonly rate: number
    readonly seconds: number
    readonly rounds: number
    /** By name, with the intervals between commits, ms. */
    readonly peers: Readonly<Record<string, readonly number[]>>
  }
  readonly restart: { readonly kills: number; readonly rate: number }
  /** Ours over that many shards, in turn. */
  readonly shards: {
    readonly records: number
    readonly partitions: number
    readonly counts: readonly number[]
    readonly rounds: number
  }
  readonly memory: { readonly records: number }
  /** Word count: first every word once, then as many records again as `records` says. */
  readonly state: { readonly keys: number; readonly records: number; readonly rounds: number }
}

const usual = { valueBytes: 100, partitions: 1, compression: 'none', interval: 1_000 } as const
const ours = ['rxweft']
const tuned = ['rxweft', 'codec loop', 'kafkajs', 'platformatic', 'Kafka Streams tuned', 'Flink tuned']

export const plans: Readonly<Record<Mode, Plan>> = {
  quick: {
    warmUp: 30_000,
    throughput: [
      { ...usual, name: '100 B', records: 3_000_000, rounds: 5 },
      { ...usual, name: '1 KiB', valueBytes: 1024, records: 500_000, rounds: 5 },
      { ...usual, name: 'zstd', compression: 'zstd', records: 1_500_000, rounds: 5 },
      { ...usual, name: '64 partitions', partitions: 64, records: 3_000_000, rounds: 5, peers: ours },
    ],
    checkpoints: { records: 6_000_000, intervals: [100, 5_000], rounds: 5 },
    latency: { rate: 5_000, seconds: 15, rounds: 5, peers: { rxweft: [100, 20] } },
    restart: { kills: 7, rate: 5_000 },
    shards: { records: 3_000_000, partitions: 4, counts: [1, 2], rounds: 5 },
    memory: { records: 20_000_000 },
    state: { keys: 1_000_000, records: 2_000_000, rounds: 5 },
  },
  full: {
    warmUp: 30_000,
    throughput: [
      { ...usual, name: '100 B', records: 6_000_000, rounds: 5 },
      { ...usual, name: '1 KiB', valueBytes: 1024, records: 1_000_000, rounds: 5 },
      { ...usual, name: 'zstd', compression: 'zstd', records: 3_000_000, rounds: 5 },
      { ...usual, name: '100 ms', interval: 100, records: 3_000_000, rounds: 5, peers: tuned },
      { ...usual, name: '5 s', interval: 5_000, records: 3_000_000, rounds: 5, peers: tuned },
      { ...usual, name: '8 partitions', partitions: 8, records: 3_000_000, rounds: 5, peers: tuned },
      {
        ...usual,
        name: '64 partitions',
        partitions: 64,
        records: 6_000_000,
        rounds: 5,
        peers: [...ours, 'codec loop'],
      },
    ],
    checkpoints: { records: 20_000_000, intervals: [100, 1_000, 5_000], rounds: 5 },
    latency: {
      ...{ rate: 5_000, seconds: 30, rounds: 5 },
      peers: { rxweft: [100, 20], 'Kafka Streams': [100], Flink: [100] },
    },
    restart: { kills: 20, rate: 5_000 },
    shards: { records: 6_000_000, partitions: 8, counts: [1, 2, 4], rounds: 5 },
    memory: { records: 20_000_000 },
    state: { keys: 1_000_000, records: 5_000_000, rounds: 5 },
  },
}

/** For trying things out: a share of the records, and so many rounds. */
export function scaled(plan: Plan, scale: number, rounds: number | null): Plan {
  const part = <T extends { readonly records: number }>(one: T): T => ({
    ...one,
    records: Math.ceil(one.records * scale),
  })
  const times = <T extends { readonly rounds: number }>(one: T): T => (rounds === null ? one : { ...one, rounds })
  return {
    warmUp: plan.warmUp * scale,
    throughput: plan.throughput.map((shape) => times(part(shape))),
    checkpoints: times(part(plan.checkpoints)),
    latency: times(plan.latency),
    restart: rounds === null ? plan.restart : { ...plan.restart, kills: rounds },
    shards: times(part(plan.shards)),
    memory: part(plan.memory),
    state: times({ ...part(plan.state), keys: Math.ceil(plan.state.keys * scale) }),
  }
}
