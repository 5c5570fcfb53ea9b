/** The processes of the job: who there is, what they have come to, and that somebody starts what has died. */
import { type FaultRates, noFaults } from '../network/faultRates.ts'
import type { World } from '../world.ts'
import { type MemberNode, memberNode } from './memberNode.ts'
import type { MembersConfig } from './membersConfig.ts'
import type { SteadyFeed } from './steadyFeed.ts'
import { type Troubles, troubles } from './troubles.ts'

export interface Crew {
  readonly nodes: readonly MemberNode[]
  start(instance: string): MemberNode
  /** One fault. */
  act(): void
  /** Everything works again, and each instance has a process. */
  heal(): void
  /** Whether each instance runs, and shards are spread as evenly as threads allow, by the ledger. */
  balanced(): boolean
  living(): ReadonlySet<string>
  /** Asks one process to stop the whole job. */
  stop(): void
  ended(): boolean
  problems(): readonly string[]
  describe(): string
  /** Times at which no process was fit to take a shard over, as [from, to], ms. */
  readonly unfit: readonly (readonly [from: number, to: number])[]
  /** The same, where a process in which any thread hangs is not fit either. */
  readonly unwell: readonly (readonly [from: number, to: number])[]
}

export function crew(world: World, config: MembersConfig, feed: SteadyFeed): Crew {
  const { random, agenda, trace, brokers, disk } = world
  const { topology, controller, moods } = brokers.shared
  const nodes: MemberNode[] = []
  const rates: FaultRates = { ...noFaults }
  let stopping = false
  const note = (what: string): void => trace.note(() => `director: ${what}`)
  const alive = () => nodes.filter(({ process, end }) => process.state !== 'dead' && end === null)
  const running = () => alive().filter(({ process, leaving }) => process.state === 'running' && !leaving)
  const unused = () => config.instances.filter((name) => !alive().some(({ instance }) => instance === name))
  /** Intervals in which nobody was fit: for the check of silences. */
  const unfit: [number, number][] = []
  const unwell: [number, number][] = []

  function start(instance: string): MemberNode {
    const name = `${instance}${nodes.filter((one) => one.instance === instance).length + 1}`
    note(`${name} starts`)
    const made = memberNode(world, config, { name, instance, rates, heard: (...what) => bad.heard(...what) })
    nodes.push(made)
    return made
  }

  const bad: Troubles = troubles({
    ...{ world, config, rates, feed, alive, running, unused, start },
    nodes: () => nodes,
    stopping: () => stopping,
  })
  let awayAt = -Infinity

  /** Marks the time until somebody has been running for a while, and could learn who else does. */
  function look(): void {
    const now = agenda.now()
    if (brokers.shared.groupsAway) awayAt = now
    const settled = running().filter(
      ({ startedAt, process }) => now - Math.max(startedAt, process.runningSince, awayAt) > 15_000,
    )
    if (settled.every(({ allHang }) => allHang)) mark(unfit)
    if (settled.every(({ hangs }) => hangs)) mark(unwell)
    agenda.after(100, look)

    function mark(times: [number, number][]): void {
      const last = times.at(-1)
      if (last !== undefined && last[1] >= now - 100) last[1] = now
      else times.push([now, now])
    }
  }
  look()

  /** Starts what has ended, or was killed. */
  function supervise(): void {
    if (stopping) return
    for (const instance of unused()) start(instance)
    agenda.after(1_000, supervise)
  }

  /** The last owner of each shard that lives. */
  function counts(): ReadonlyMap<string, number> {
    const found = new Map<string, number>()
    for (let shard = 0; shard < config.shardCount; shard++) {
      const owner = world.decisions.findLast((one) => one.shard === shard)?.entry.owner ?? ''
      found.set(owner, (found.get(owner) ?? 0) + 1)
    }
    return found
  }

  return {
    ...{ nodes, start, unfit, unwell },
    act: () =>
      alive().length === 0 ? void start(random.pick(config.instances)) : bad.acts[random.pick(config.troubles)](),
    heal() {
      bad.heal()
      Object.assign(rates, noFaults)
      Object.assign(moods.rates, { refuse: 0, lie: 0, slowMarkers: 0 })
      disk.rates.slow = 0
      feed.resume()
      brokers.shared.groupsAway = brokers.shared.transactionsAway = false
      for (const node of topology.nodes) if (!node.up) controller.up(node)
      for (const one of alive()) {
        one.isolatedUntil = 0
        one.oneWay = undefined
        // What hangs goes on hanging in half of them, until a probe of the supervisor finds it.
        if (random.chance(0.5)) one.release()
        if (one.process.state === 'paused') one.wake()
        // A shard that has failed is tried again when its process is restarted.
        if (one.failed.size > 0) one.kill()
      }
      supervise()
    },
    balanced() {
      const its = counts()
      const threads = (one: MemberNode) => config.threads[config.instances.indexOf(one.instance)] ?? 1
      const those = alive().filter(({ leaving }) => !leaving)
      // What hangs may not have been missed yet; a probe ends it in the end.
      const complete = config.instances.every((name) => those.some((one) => one.instance === name && !one.hangs))
      return (
        complete &&
        those.every((from) =>
          those.every(
            (to) => (its.get(from.member) ?? 0) / threads(from) <= ((its.get(to.member) ?? 0) + 1) / threads(to),
          ),
        )
      )
    },
    living: () => new Set(alive().map(({ member }) => member)),
    stop() {
      stopping = true
      for (const one of alive()) one.disturb(Infinity)
      if (alive().length > 0) random.pick(alive()).stop()
    },
    ended: () => alive().length === 0,
    problems: () =>
      nodes.flatMap(({ name, end, instance, startedAt, hung }) => {
        if (end === null || 'outcome' in end) return []
        if (hung.size > 0 && end.error.code === 'SHARD_HANGS') return []
        const twin = nodes.some((one) => one.instance === instance && one.startedAt !== startedAt)
        if (end.error.code === 'INSTANCE_TAKEN' && twin) return []
        return [`${name} has given up: ${end.error.message}`]
      }),
    describe: () =>
      [...counts()]
        .map(([owner, count]) => `${nodes.find(({ member }) => member === owner)?.name ?? 'nobody'} ${count}`)
        .join(', ') +
      `; alive: ${alive()
        .map(({ name }) => name)
        .join(' ')}`,
  }
}
