/** The processes of the job, and what happens to them and around them. */
import { type FaultRates, noFaults } from '../network/faultRates.ts'
import type { World } from '../world.ts'
import { type MemberNode, memberNode } from './memberNode.ts'
import type { MembersConfig, Trouble } from './membersConfig.ts'

export interface Crew {
  readonly nodes: readonly MemberNode[]
  start(instance: string): MemberNode
  /** One fault. */
  act(): void
  /** Everything works again, and each instance has a process. */
  heal(): void
  /** Whether shards are spread as evenly as threads allow, by the ledger. */
  balanced(): boolean
  living(): ReadonlySet<string>
  /** Asks one process to stop the whole job. */
  stop(): void
  ended(): boolean
  problems(): readonly string[]
  describe(): string
  /** Times at which no process was fit to take a shard over, as [from, to], ms. */
  readonly unfit: readonly (readonly [from: number, to: number])[]
}

export function crew(world: World, config: MembersConfig): Crew {
  const { random, agenda, trace, brokers } = world
  const { topology, controller, moods } = brokers.shared
  const nodes: MemberNode[] = []
  const rates: FaultRates = { ...noFaults }
  let stopping = false
  const note = (what: string): void => trace.note(() => `director: ${what}`)
  const alive = () => nodes.filter(({ process, end }) => process.state !== 'dead' && end === null)
  const running = () => alive().filter(({ process, leaving }) => process.state === 'running' && !leaving)
  /** Intervals in which nobody was fit: for the check of silences. */
  const unfit: [number, number][] = []

  function start(instance: string): MemberNode {
    const name = `${instance}${nodes.filter((one) => one.instance === instance).length + 1}`
    note(`${name} starts`)
    const made = memberNode(world, config, name, instance, rates)
    nodes.push(made)
    return made
  }

  let awayAt = -Infinity

  /** Marks the time until somebody has been running for a while, and could learn who else does. */
  function look(): void {
    const now = agenda.now()
    if (brokers.shared.groupsAway) awayAt = now
    const settled = running().some(({ startedAt, process }) => {
      return now - Math.max(startedAt, process.runningSince, awayAt) > 15_000
    })
    const last = unfit.at(-1)
    if (!settled) {
      if (last !== undefined && last[1] >= now - 100) last[1] = now
      else unfit.push([now, now])
    }
    agenda.after(100, look)
  }
  look()

  const some = (among: readonly MemberNode[], act: (one: MemberNode) => void): void => {
    if (among.length > 0) act(random.pick(among))
  }

  function kill(one: MemberNode): void {
    note(`kills ${one.process.name}`)
    one.kill()
  }

  function freeze(one: MemberNode): void {
    const ms = random.pick([random.between(100, 3_000), random.between(3_000, 25_000)])
    note(`freezes ${one.process.name} for ${ms} ms`)
    one.process.pause()
    agenda.after(ms, () => one.process.wake())
  }

  const unused = () => config.instances.filter((name) => !alive().some(({ instance }) => instance === name))

  const acts: Readonly<Record<Trouble, () => void>> = {
    start: () => void (unused().length > 0 ? start(random.pick(unused())) : some(alive(), kill)),
    kill: () => some(alive(), kill),
    restart: () =>
      some(alive(), (one) => {
        kill(one)
        agenda.after(random.between(50, 3_000), () => stopping || void start(one.instance))
      }),
    freeze: () => some(running(), freeze),
    leave: () =>
      some(running(), (one) => {
        note(`${one.process.name} is to leave`)
        one.leave()
        if (random.chance(0.3)) agenda.after(random.between(10, 2_000), () => random.pick([kill, freeze])(one))
        else
          agenda.after(
            random.between(10_000, 30_000),
            () => stopping || alive().some(({ instance }) => instance === one.instance) || void start(one.instance),
          )
      }),
    twin: () => some(alive(), ({ instance }) => void start(instance)),
    coordinator: () => {
      note('the group coordinator is away')
      brokers.shared.groupsAway = true
      agenda.after(random.between(500, 20_000), () => {
        brokers.shared.groupsAway = false
      })
      controller.moveCoordinator('group rxweft/simulated')
    },
    cut: () =>
      some(alive(), (one) => {
        note(`cuts ${one.process.name} off`)
        one.cluster.cut()
        one.isolatedUntil = agenda.now() + random.pick([0, random.between(100, 20_000)])
      }),
    broker() {
      const node = random.pick(topology.nodes)
      if (!node.up || topology.nodes.some(({ up }) => !up)) return
      note(`node ${node.node} is down`)
      controller.down(node)
      for (const one of nodes) one.cluster.cut(node.node)
      agenda.after(random.between(50, 500), controller.settle)
      agenda.after(random.between(1_000, 8_000), () => controller.up(node))
    },
    network() {
      const kind = random.pick(['loseRequest', 'loseAnswer', 'late', 'slow'] as const)
      note(`${kind}`)
      rates[kind] = random.pick([0.02, 0.1])
      agenda.after(random.between(500, 5_000), () => {
        rates[kind] = 0
      })
    },
    leader() {
      note('leaders move')
      for (const partition of topology.partitions) if (random.chance(0.3)) controller.move(partition)
      for (const key of topology.coordinators.keys()) if (random.chance(0.3)) controller.moveCoordinator(key)
    },
  }

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
    ...{ nodes, start, unfit },
    act: () =>
      alive().length === 0 ? void start(random.pick(config.instances)) : acts[random.pick(config.troubles)](),
    heal() {
      Object.assign(rates, noFaults)
      Object.assign(moods.rates, { refuse: 0, lie: 0, slowMarkers: 0 })
      brokers.shared.groupsAway = false
      for (const node of topology.nodes) if (!node.up) controller.up(node)
      for (const one of nodes) {
        one.isolatedUntil = 0
        if (one.process.state === 'paused') one.process.wake()
      }
      supervise()
    },
    balanced() {
      const its = counts()
      const threads = (one: MemberNode) => config.threads[config.instances.indexOf(one.instance)] ?? 1
      const those = alive().filter(({ leaving }) => !leaving)
      return those.every((from) =>
        those.every(
          (to) => (its.get(from.member) ?? 0) / threads(from) <= ((its.get(to.member) ?? 0) + 1) / threads(to),
        ),
      )
    },
    living: () => new Set(alive().map(({ member }) => member)),
    stop() {
      stopping = true
      some(alive(), (one) => one.stop())
    },
    ended: () => alive().length === 0,
    problems: () =>
      nodes.flatMap(({ process, end, instance, startedAt }) => {
        if (end === null || 'outcome' in end) return []
        const twin = nodes.some((one) => one.instance === instance && one.startedAt !== startedAt)
        if (end.error.code === 'INSTANCE_TAKEN' && twin) return []
        return [`${process.name} has given up: ${end.error.message}`]
      }),
    describe: () =>
      [...counts()]
        .map(([owner, count]) => `${nodes.find(({ member }) => member === owner)?.process.name ?? 'nobody'} ${count}`)
        .join(', ') +
      `; alive: ${alive()
        .map(({ process }) => process.name)
        .join(' ')}`,
  }
}
