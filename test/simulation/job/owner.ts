/** One execution of the job in a simulated process of its own: several of them at once are copies, stopped ones are zombies. */
import { randomUUID } from 'node:crypto'
import type { ProtocolStep } from '../../../src/attempt.ts'
import type { Plan } from '../../../src/contracts/plan.ts'
import type { JobOptions } from '../../../src/job/defineJob.ts'
import type { JobEvent } from '../../../src/job/events.ts'
import type { ExecuteOptions } from '../../../src/job/executeOptions.ts'
import { job, sourceTopic } from '../config.ts'
import { type Process, simulatedProcess } from '../core/process.ts'
import { paceOf } from '../faults/clocks.ts'
import { type SimulatedCluster, simulatedCluster } from '../network/cluster.ts'
import type { Aimed, FaultRates } from '../network/faultRates.ts'
import { deadLetters } from '../refusals.ts'
import type { World } from '../world.ts'
import { endOf, type OwnerEnd } from './ownerEnd.ts'
import { type Punctuality, punctuality } from './punctuality.ts'
import { runningTotals } from './runningTotals.ts'

export interface Owner {
  /** How many shards it was started with. */
  readonly shards: number
  readonly process: Process
  /** ms */
  readonly startedAt: number
  readonly cluster: SimulatedCluster
  /** How the execution has ended, once it has. */
  readonly end: OwnerEnd | null
  /** Its connections cannot be made anew until then, ms. */
  isolatedUntil: number
  /** Its connections to this node cannot be made until then, ms. */
  readonly hidden: Map<number, number>
  kill(): void
  /** Gracefully. */
  stop(): void
  readonly stopping: boolean
  readonly punctual: Punctuality
}

export interface OwnerOptions {
  readonly until: 'latest' | undefined
  readonly shards: number
  readonly rates: FaultRates
  readonly aimed: Aimed
  /** The node that it asks first. */
  readonly bootstrap: number | undefined
  /** Dies there, at the so many-th time that any step is passed. */
  readonly dieAt: { readonly step: ProtocolStep; readonly nth: number } | undefined
}

export function owner(world: World, name: string, options: OwnerOptions): Owner {
  const { rxweft, agenda, brokers, config, trace } = world
  const process = simulatedProcess(name, agenda, paceOf(world.clocks))
  const punctual = punctuality(process, agenda, config)
  let stopping = false
  let left = options.dieAt?.nth ?? 0
  const cluster = simulatedCluster({
    ...{ rxweft, brokers, process, rates: options.rates, aimed: options.aimed },
    reaches: (node) => agenda.now() >= Math.max(self.isolatedUntil, self.hidden.get(node) ?? 0),
    requestTimeout: config.requestTimeout,
    bootstrap: options.bootstrap,
    transactionVersion: config.transactionVersion,
  })
  const { interval, minPause, timeout, maxConcurrent } = config
  const { shards } = options
  const settings: ExecuteOptions = {
    checkpointing: { interval, minPause, timeout, maxConcurrent },
    storage: world.disk.storageFor(process),
    restart: rxweft['job/restart'].exponentialDelay({ initial: 10, max: 200 }),
    clock: process.clock,
    probe(step) {
      if (step !== options.dieAt?.step || left-- !== 1) return
      trace.note(() => `${name}: dies at ${step}`)
      process.kill()
    },
  }
  const definition = definitionOf(world, cluster, options.until)
  const me = shards === 1 ? '' : randomUUID()
  const start = (shard: number, plan: Plan) =>
    rxweft['job/execution'].execution(definition, settings, { execution: me, shard, shards, plan })
  const planned = () => rxweft['job/planning'].planning(definition, settings, { execution: me, shards })
  const handle =
    shards === 1
      ? rxweft['job/execute'].execute(definition, settings)
      : rxweft['job/shards/main/overShards'].overShards(shards, planned, { start })
  handle.events$.subscribe((event) => {
    if (process.state === 'dead') return
    trace.note(() => `${name}: ${describe(event)}`)
    punctual.saw(event)
  })
  const end = endOf(handle, process)

  const self: Owner = {
    ...{ shards, process, cluster, punctual, startedAt: agenda.now(), isolatedUntil: 0, hidden: new Map() },
    get end() {
      return end()
    },
    get stopping() {
      return stopping
    },
    kill() {
      process.kill()
      cluster.cut()
    },
    stop() {
      stopping = true
      handle.stop().catch(() => undefined)
    },
  }
  return self
}

export function definitionOf({ rxweft, config }: World, cluster: SimulatedCluster, until: 'latest' | undefined) {
  const { text } = rxweft['serde/text']
  const { startFrom, groupId, maxInFlight, linger, batchBytes } = config
  const read = { topic: sourceTopic, value: text, startFrom, groupId, maxInFlight, until }
  return rxweft['job/defineJob'].defineJob(
    job,
    ({ from }) => {
      const totals = from(
        rxweft['kafka/source/kafkaSource'].kafkaSource(cluster, read),
        rxweft['time/watermarks'].noWatermarks(),
      ).pipe(runningTotals(rxweft))
      const { samePartition: partitioner } = rxweft['sinks/partitioner']
      const { transactionTimeout } = config
      return config.sinks.map((topic) => {
        const write = { topic, value: text, partitioner, linger, batchBytes, transactionTimeout }
        return totals.pipe(rxweft['operators/to'].to(rxweft['kafka/sink/kafkaSink'].kafkaSink<string>(cluster, write)))
      })
    },
    onErrorOf({ rxweft, config }, cluster),
  )
}

function onErrorOf({ rxweft, config }: Pick<World, 'rxweft' | 'config'>, cluster: SimulatedCluster): JobOptions {
  const { refusals, transactionTimeout } = config
  if (refusals === undefined) return {}
  if (refusals.onError === 'skip') return { onError: 'skip' }
  const { samePartition: partitioner } = rxweft['sinks/partitioner']
  const { deadLetterJson: value } = rxweft['job/badRecords/deadLetterJson']
  const write = { topic: deadLetters, value, partitioner, transactionTimeout }
  return {
    onError: rxweft['job/badRecords/deadLetter'].deadLetter(rxweft['kafka/sink/kafkaSink'].kafkaSink(cluster, write)),
  }
}

export function describe(event: JobEvent): string {
  const { type, ...rest } = event
  const facts = Object.entries(rest).map(([name, value]) => `${name} ${value instanceof Error ? value.message : value}`)
  return [type, ...facts].join(', ')
}
