/** What a seed decides of a job in several processes: how many there are, how many shards, and which kinds of trouble come. */
import type { SimulationConfig } from '../config.ts'
import type { Random } from '../core/random.ts'

export interface MembersConfig extends SimulationConfig {
  readonly shardCount: number
  /** Names of processes. */
  readonly instances: readonly string[]
  /** Most shards that one process has fallen for: threads that it says to have. */
  readonly threads: readonly number[]
  readonly sessionTimeout: number
  /** Kinds of trouble that come in this schedule. */
  readonly troubles: readonly Trouble[]
  /** Only processes come, go and freeze; brokers and network are well: then no shard may be silent for long. */
  readonly fairWeather: boolean
}

const ofProcesses = [
  'start',
  'kill',
  'restart',
  'freeze',
  'leave',
  'twin',
  'ambush',
  'coordinator',
  'clock',
  'hang',
  'fail',
  'idle',
  'disk',
] as const
const ofBrokers = ['cut', 'oneWay', 'transactions', 'broker', 'network', 'mood', 'leader'] as const

export type Trouble = (typeof ofProcesses)[number] | (typeof ofBrokers)[number]

/** @param large ten processes and a hundred shards */
export function membersConfig(random: Random, large = false): MembersConfig {
  const shardCount = large ? 100 : random.between(2, 8)
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']
  const instances = names.slice(0, large ? 10 : random.between(2, 4))
  const fairWeather = random.chance(0.5)
  const possible = fairWeather ? ofProcesses : [...ofProcesses, ...ofBrokers]
  const chosen = possible.filter(() => random.chance(0.35))
  const interval = large ? 2_000 : random.pick([500, 1_000])
  const timeout = 3_000
  return {
    ...{ shardCount, instances, fairWeather, interval, timeout },
    threads: instances.map(() => random.pick([1, 2, 2, 4])),
    troubles: chosen.length === 0 ? possible : chosen,
    sessionTimeout: random.pick([6_000, 10_000]),
    nodes: 3,
    partitions: large ? shardCount : random.between(shardCount, 2 * shardCount),
    minIsr: random.pick([1, 2]),
    transactionVersion: random.chance(0.6) ? 2 : 1,
    verifies: random.chance(0.5),
    firstEpoch: -1,
    maxConcurrent: random.chance(0.5) ? 2 : 1,
    minPause: 0,
    requestTimeout: random.pick([2_000, 5_000]),
    transactionTimeout: interval + timeout + random.pick([1, 1_000]),
    startFrom: 'earliest',
    groupId: undefined,
    sinks: ['sink'],
    linger: 0,
    batchBytes: 512 * 1_024,
    maxInFlight: 50_000,
    horizon: random.between(15_000, 40_000),
    faults: random.between(2, 10),
    writes: random.between(20, 120),
    lyingDisk: false,
    inline: random.pick([0, 16_384]),
    bucket: undefined,
    refusals: undefined,
    shards: [shardCount],
    disaster: 'none',
  }
}
