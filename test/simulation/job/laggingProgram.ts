/**
 * The job of laggingShard.ts in a simulated process: windows behind a repartition topic, late records in a sink of their own.
 */
import { randomUUID } from 'node:crypto'
import type { Plan } from '../../../src/contracts/plan.ts'
import type { ExecuteOptions } from '../../../src/job/executeOptions.ts'
import { job, sourceTopic } from '../config.ts'
import { simulatedProcess } from '../core/process.ts'
import { type SimulatedCluster, simulatedCluster } from '../network/cluster.ts'
import { noFaults } from '../network/faultRates.ts'
import type { World } from '../world.ts'

export const shards = 3
/** Event time of a window, and how far records of a partition are out of order, ms. */
export const size = 10
export const disorder = 4

export interface Program {
  /** How it has ended; undefined: it runs. */
  readonly end: string | undefined
  /** Shards that have come to their work at least once. */
  readonly begun: ReadonlySet<number>
  /** Nobody reaches this shard, and it nobody. */
  cutOff(shard: number, ms: number): void
  kill(): void
  stop(): void
}

export interface ProgramOptions {
  /** Over how many shards; another number than before moves slots. Default 3. */
  readonly spread?: number
  /** State is large, and in the ledger. */
  readonly inLedger?: boolean
}

/** So large that a few records do not fit into a ledger entry. */
const padding = 'x'.repeat(4_000)

/** Starts the job over all shards in one process; each shard has a network of its own. */
export function program(
  world: World,
  name: string,
  until: 'latest' | undefined,
  { spread = shards, inLedger = false }: ProgramOptions = {},
): Program {
  const { rxweft, agenda, brokers, config } = world
  const process = simulatedProcess(name, agenda)
  const isolatedUntil = Array.from({ length: spread }, () => 0)
  const clusters = isolatedUntil.map((_, shard) =>
    simulatedCluster({
      ...{ rxweft, brokers, process, rates: noFaults, aimed: new Map(), bootstrap: undefined },
      reaches: () => agenda.now() >= (isolatedUntil[shard] as number),
      requestTimeout: config.requestTimeout,
      transactionVersion: config.transactionVersion,
    }),
  )
  const { interval, minPause, timeout, maxConcurrent } = config
  const settings: ExecuteOptions = {
    checkpointing: { interval, minPause, timeout, maxConcurrent },
    storage: inLedger ? rxweft['kafka/ledger/ledgerStorage'].ledgerStorage() : world.disk.storageFor(process),
    restart: rxweft['job/restart'].exponentialDelay({ initial: 10, max: 200 }),
    clock: process.clock,
    rescale: 'at-start',
  }
  const me = randomUUID()
  const jobOn = (cluster: SimulatedCluster) => laggingJob(world, cluster, until, inLedger ? padding : '')
  const start = (shard: number, plan: Plan) =>
    rxweft['job/execution'].execution(jobOn(clusters[shard] as SimulatedCluster), settings, {
      ...{ execution: me, shard, shards: plan.owners.length, plan },
    })
  const first = jobOn(clusters[0] as SimulatedCluster)
  const planned = rxweft['job/planning'].planning(first, settings, { execution: me, shards: spread })
  const handle = rxweft['job/shards/main/overShards'].overShards(spread, () => planned, { start })
  const begun = new Set<number>()
  let end: string | undefined
  handle.events$.subscribe(({ type, shard, ...rest }) => {
    const error = 'error' in rest ? `, ${rest.error.message}` : ''
    if (type === 'restored') begun.add(shard ?? 0)
    if (process.state !== 'dead') world.trace.note(() => `${name}/${shard}: ${type}${error}`)
  })
  const ended = (how: string): void => {
    if (process.state !== 'dead') end = how
  }
  handle.done.then(
    ({ outcome }) => ended(outcome),
    (error) => ended(error.message),
  )
  return {
    begun,
    get end() {
      return end
    },
    cutOff(shard, ms) {
      isolatedUntil[shard] = agenda.now() + ms
      clusters[shard]?.cut()
      world.trace.note(() => `${name}/${shard} is cut off for ${ms} ms`)
    },
    kill() {
      process.kill()
      for (const cluster of clusters) cluster.cut()
    },
    stop: () => void handle.stop().catch(() => undefined),
  }
}

/** Windows behind a repartition topic. @param padding what each record gets, so that it is large */
export function laggingJob(
  { rxweft, config }: World,
  cluster: SimulatedCluster,
  until: 'latest' | undefined,
  padding = '',
) {
  const { text } = rxweft['serde/text']
  const { transactionTimeout } = config
  const { kafkaSource } = rxweft['kafka/source/kafkaSource']
  const { to } = rxweft['operators/to']
  const sink = (topic: string) =>
    to(rxweft['kafka/sink/kafkaSink'].kafkaSink<string>(cluster, { topic, value: text, transactionTimeout }))
  const middle = rxweft['kafka/repartition/kafkaRepartition'].kafkaRepartition<string, string>(cluster, {
    ...{ name: 'middle', partitions: 2 * shards, key: text, value: text, transactionTimeout, purgeInterval: 1e9 },
  })
  const strategy = rxweft['time/watermarks']
    .boundedOutOfOrderness(disorder)
    .withTimestamps((value: string) => Number(value.split(' ')[1]))
  return rxweft['job/defineJob'].defineJob(job, ({ from, repartition }) => {
    const late = rxweft['operators/sideOutput'].sideOutput<string>()
    const counts = from(kafkaSource(cluster, { topic: sourceTopic, value: text, until }), strategy).pipe(
      rxweft['operators/keyBy'].keyBy((value: string) => value.split(' ')[0] as string),
      rxweft['operators/map'].map((value) => (padding === '' ? value : `${value} ${padding}`)),
      repartition(middle),
      rxweft['operators/window']
        .window(rxweft['time/windows'].tumbling(size), { late })
        .process((values: readonly string[], { key, window }) => `${key} ${window.start} ${values.length}`, {
          id: 'windows',
        }),
      sink('out'),
    )
    return [counts, late.pipe(sink('late'))]
  })
}
