/** What a seed decides before anything happens: the cluster, the settings of the job, how wild the weather will be. */
import { type BucketConfig, bucketOf, bucketSeeds, bucketSeedsEnd } from './bucket/bucket.ts'
import type { Random } from './core/random.ts'
import { type Refusals, refusalsOf } from './refusals.ts'

export interface SimulationConfig {
  readonly nodes: number
  readonly partitions: number
  /** min.insync.replicas of all topics; each node has a replica of each. */
  readonly minIsr: number
  readonly transactionVersion: 1 | 2
  /** Protocol v1 with leaders that ask the coordinator about each transaction (Kafka 3.6 and newer). */
  readonly verifies: boolean
  /** Where the epochs of transactional ids begin; -1: anew. */
  readonly firstEpoch: number
  readonly maxConcurrent: 1 | 2
  readonly interval: number
  readonly minPause: number
  readonly timeout: number
  readonly requestTimeout: number
  readonly transactionTimeout: number
  readonly startFrom: 'earliest' | 'latest'
  readonly groupId: string | undefined
  readonly sinks: readonly string[]
  readonly linger: number
  readonly batchBytes: number
  readonly maxInFlight: number
  /** How long faults go on, ms. */
  readonly horizon: number
  /** How many faults there are. */
  readonly faults: number
  /** How many times something is written to the source. */
  readonly writes: number
  /** The disk breaks its promises. */
  readonly lyingDisk: boolean
  /** Largest total of snapshots that a ledger entry holds itself, bytes. By the seed alone. */
  readonly inline: number
  /** Snapshots are in a bucket; undefined: on a disk. By the seed alone. */
  readonly bucket: BucketConfig | undefined
  /** Brokers refuse some records; undefined: none. */
  readonly refusals: Refusals | undefined
  /** How many shards owners may be started with; mostly the first. [1]: the job is not spread, and each seed is what it was before. */
  readonly shards: readonly number[]
  /** Decided by a chance of its own. */
  readonly disaster: Disaster
}

/** What a schedule may have once, beside its faults. */
export type Disaster = 'none' | 'power' | 'ledger deleted' | 'ledger emptied'

export const job = 'simulated'
export const sourceTopic = 'source'
export const ledgerTopic = `rxweft-${job}-ledger`
export const planTopic = `rxweft-${job}-plan`
export const planWriter = `rxweft/${job}/plan`

/** @param spread over shards, now and then over another number of them */
export function simulationConfig(random: Random, spread = false, seed = 0): SimulationConfig {
  const interval = random.pick([20, 40, 80, 150])
  const minPause = random.pick([0, 0, 20])
  const timeout = random.pick([300, 1_000, 3_000])
  const longest = Math.max(interval, minPause) + timeout
  const nodes = random.between(1, 3)
  const partitions = random.between(1, 3)
  const config = {
    ...{ interval, minPause, timeout, nodes, partitions },
    minIsr: nodes === 3 ? random.pick([1, 2, 2]) : 1,
    transactionVersion: random.chance(0.6) ? 2 : (1 as 1 | 2),
    verifies: random.chance(0.5),
    firstEpoch: random.chance(0.3) ? random.between(32_740, 32_766) : -1,
    maxConcurrent: random.chance(0.6) ? 2 : (1 as 1 | 2),
    requestTimeout: random.pick([200, 500, 2_000]),
    transactionTimeout: longest + random.pick([1, 200, longest]),
    startFrom: random.chance(0.75) ? ('earliest' as const) : ('latest' as const),
    groupId: random.chance(0.7) ? 'group' : undefined,
    sinks: random.chance(0.75) ? ['sink'] : ['sink', 'other-sink'],
    linger: random.pick([0, 0, 5, 40]),
    batchBytes: random.pick([1_024, 512 * 1_024]),
    maxInFlight: random.pick([3, 20, 50_000]),
    horizon: random.between(200, 1_200),
    faults: random.between(1, 20),
    writes: random.between(8, 50),
    lyingDisk: random.chance(0.08),
    shards: spread ? [random.between(1, partitions), random.between(1, partitions + 1)] : [1],
  } satisfies Omit<SimulationConfig, 'inline' | 'bucket' | 'refusals' | 'disaster'>
  const inline = [0, 0, 16_384, 900][seed % 4] as number
  const plain = {
    ...config,
    inline,
    bucket: undefined,
    refusals: refusalsOf(seed, config.horizon),
    disaster: 'none' as const,
  }
  return seed < bucketSeeds || seed >= bucketSeedsEnd ? plain : withBucket(plain, seed)
}

/** Requests of a bucket take longer than those of a disk, so its schedules do, too. It loses and changes nothing. */
function withBucket(plain: SimulationConfig, seed: number): SimulationConfig {
  const [horizon, writes, faults] = [5 * plain.horizon, 3 * plain.writes, 2 * plain.faults]
  const inline = seed % 4 === 3 ? 900 : 0
  return { ...plain, horizon, writes, faults, inline, lyingDisk: false, bucket: bucketOf(seed, horizon) }
}

/** One schedule in five has one; a disk that lies ends a job by itself. */
export function disasterOf(disasters: Random, { lyingDisk }: Pick<SimulationConfig, 'lyingDisk'>): Disaster {
  if (lyingDisk) return 'none'
  const rare = disasters.pick(['power', 'power', 'ledger deleted', 'ledger emptied'] as const)
  return disasters.chance(0.2) ? rare : 'none'
}
