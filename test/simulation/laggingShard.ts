/**
 * A job whose three shards exchange records through a repartition topic, two of them with a partition of the source: a shard is cut off for
 * a while, or the process dies, and the others go on. What was down is behind then, and none of its records may be late for that: behind the
 * topic, windows must come out as if nothing had happened. Afterwards a bounded run must end by itself.
 */
import { createBatchBuilder } from '../../src/kafka/batch/batchBuilder.ts'
import { visibleRecords } from './checks/visibleRecords.ts'
import { type SimulationConfig, simulationConfig, sourceTopic } from './config.ts'
import { withAmbient } from './core/ambient.ts'
import { seededRandom } from './core/random.ts'
import type { Rxweft } from './core/rxweft.ts'
import { disorder, type Program, program, shards, size } from './job/laggingProgram.ts'
import { world as makeWorld, type World } from './world.ts'

export interface LaggingShardVerdict {
  readonly problems: readonly string[]
  readonly trace: readonly string[]
  /** How many windows have come out. */
  readonly windows: number
}

const sources = 2
const outputs = 3
const keys = ['ann', 'bob', 'cid', 'dan', 'eve', 'fay', 'gus', 'hal', 'ida', 'jon', 'kim', 'lea']
/** Event time of the last record, ms. */
export const last = 400

/** Which world, and what happens in it. */
export type Play = (world: World) => Promise<readonly string[]>

/** One such schedule; the seed chooses the pace, who is down when and for how long, and how records are spread over time. */
export function laggingShard(rxweft: Rxweft, seed: number, happening: Play = play): Promise<LaggingShardVerdict> {
  const random = seededRandom(seed)
  const config: SimulationConfig = {
    ...simulationConfig(random),
    ...{ nodes: 1, minIsr: 1, partitions: sources, interval: random.pick([40, 80, 150]), minPause: 0, timeout: 1_000 },
    ...{ requestTimeout: 200, transactionTimeout: 1_500, startFrom: 'earliest', sinks: ['out', 'late'], linger: 0 },
    ...{ maxConcurrent: random.pick([1, 2]), lyingDisk: false, shards: [shards], refusals: undefined },
  }
  const world = makeWorld(rxweft, config, { random, clocks: seededRandom(seed), disasters: seededRandom(seed) }, true)
  return withAmbient(random, world.agenda, async () => {
    const problems = await happening(world)
    return { problems, trace: world.trace.lines, windows: texts(world, 'out').length }
  })
}

/** Appends records in the order of time, but for some disorder; returns how many there are in each window. */
function feeding({ brokers, random }: World) {
  const { topology } = brokers.shared
  const fed = new Map<string, number>()
  const times = Array.from({ length: sources }, () => disorder)

  function append(partition: number, records: readonly (readonly [key: string, time: number])[]): void {
    const builder = createBatchBuilder({ compression: 'none' })
    for (const [key, time] of records) {
      builder.append(1_000, null, Buffer.from(`${key} ${time}`), [])
      const window = `${key} ${Math.floor(time / size) * size}`
      fed.set(window, (fed.get(window) ?? 0) + 1)
    }
    const led = topology.find(sourceTopic, partition)
    led?.log.append(
      builder.finish({ producerId: -1, producerEpoch: -1, baseSequence: -1, transactional: false }),
      led.epoch,
    )
    brokers.shared.progressed()
  }

  return {
    fed: (before: number) =>
      [...fed]
        .filter(([window]) => Number(window.split(' ')[1]) + size <= before)
        .map(([at, count]) => `${at} ${count}`),
    /** Some records into each partition, whose times go on alike. */
    some(): void {
      for (const [partition, time] of times.entries()) {
        const count = random.between(1, 6)
        append(
          partition,
          Array.from(
            { length: count },
            (_, at) => [random.pick(keys), time + at - random.below(disorder + 1)] as const,
          ),
        )
        times[partition] = time + count
      }
    },
    lastOnes(time: number): void {
      for (let partition = 0; partition < sources; partition++) append(partition, [['ann', time]])
    },
  }
}

const texts = (world: World, topic: string): readonly string[] =>
  Array.from({ length: outputs }, (_, partition) =>
    visibleRecords(world, topic, partition).map(({ value }) => value),
  ).flat()

/** The topics of such a job, its input, and what is wrong with its output. */
export function stage(world: World) {
  const { agenda, brokers } = world
  for (const topic of ['out', 'late']) brokers.shared.topology.grow(topic, outputs)
  const fed = feeding(world)
  const pass = (ms: number) => agenda.runUntil(() => false, agenda.now() + ms)
  const late = () => texts(world, 'late').map((value) => `late: ${value}`)
  return {
    ...fed,
    pass,
    late,
    /** Looks now and then: it takes a while to read all that is visible. */
    async within(ms: number, done: () => boolean, pause = 100): Promise<void> {
      for (let left = ms; left > 0 && !done(); left -= pause) await pass(pause)
    },
    /** What is wrong after a bounded run. */
    async verdict(bounded: Program): Promise<readonly string[]> {
      await pass(2_000)
      const counted = texts(world, 'out')
      return [
        ...(bounded.end === 'finished' ? [] : [`the bounded run has not ended: ${bounded.end}`]),
        ...late(),
        ...missing(fed.fed(Infinity), counted).map((window) => `missing: ${window}`),
        ...missing(counted, fed.fed(Infinity)).map((window) => `not fed like that, or twice: ${window}`),
      ]
    },
  }
}

async function play(world: World): Promise<readonly string[]> {
  const { random } = world
  const { fed, some, lastOnes, pass, within, late, verdict } = stage(world)
  /** Mostly all shards have begun before anything happens to them. */
  const started = async (name: string): Promise<Program> => {
    const one = program(world, name, undefined)
    if (random.chance(0.8)) await within(5_000, () => one.begun.size === shards)
    return one
  }
  let running = await started('A')
  let killed = 0
  for (let round = random.between(10, 20); round > 0; round--) {
    some()
    await pass(random.between(10, 400))
    if (random.chance(0.2)) running.cutOff(random.below(shards), random.between(100, 3_000))
    if (random.chance(0.05) && killed < 2) {
      running.kill()
      await pass(random.between(1, 500))
      running = await started('BC'[killed++] as string)
    }
  }
  // A restart with nothing to come from the shard without a partition: it has said long ago that it is idle.
  if (random.chance(0.7)) running.cutOff(random.below(sources), random.between(1_500, 3_000))
  lastOnes(last)
  const done = last - disorder - size
  await within(12_000, () => late().length > 0 || texts(world, 'out').length >= fed(done).length)
  if (late().length > 0) return late()
  const stuck = running.end ?? (missing(fed(done), texts(world, 'out')).length > 0 ? 'it waits' : undefined)
  if (stuck !== undefined) return [`the watermark has not come to the end: ${stuck}`]
  running.stop()
  await within(12_000, () => running.end !== undefined)
  lastOnes(last + 1)
  const bounded = program(world, 'Z', 'latest')
  if (random.chance(0.6)) {
    // The others have come to their end, and wait for it; then one of them restarts.
    bounded.cutOff(1, 3_500)
    await within(3_000, () => bounded.begun.size === shards - 1)
    await pass(random.between(100, 500))
    bounded.cutOff(random.pick([0, 2]), random.between(1_300, 2_000))
  } else {
    await pass(random.between(50, 400))
    bounded.cutOff(random.below(shards), random.between(100, 2_000))
  }
  await within(12_000, () => bounded.end !== undefined)
  return verdict(bounded)
}

/** What `all` has more often than `found`. */
function missing(all: readonly string[], found: readonly string[]): readonly string[] {
  const left = [...found]
  return all.filter((one) => {
    const at = left.indexOf(one)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}
