/** What happens to the processes of the job and around them: one kind of trouble each. */
import type { JobEvent } from '../../../src/job/events.ts'
import type { FaultRates } from '../network/faultRates.ts'
import type { World } from '../world.ts'
import type { MemberNode } from './memberNode.ts'
import type { MembersConfig, Trouble } from './membersConfig.ts'
import type { SteadyFeed } from './steadyFeed.ts'

export interface TroublesParts {
  readonly world: World
  readonly config: MembersConfig
  readonly rates: FaultRates
  readonly feed: SteadyFeed
  nodes(): readonly MemberNode[]
  alive(): readonly MemberNode[]
  running(): readonly MemberNode[]
  /** Names that no living process has. */
  unused(): readonly string[]
  start(instance: string): MemberNode
  stopping(): boolean
}

export interface Troubles {
  readonly acts: Readonly<Record<Trouble, () => void>>
  /** Springs what was laid for this event. */
  heard(node: MemberNode, event: JobEvent): void
  /** Lays nothing more. */
  heal(): void
}

/** Hits the process that has told of a move, or another one, a moment later. */
interface Ambush {
  readonly at: JobEvent['type']
  readonly other: boolean
  readonly delay: number
  readonly hit: (node: MemberNode) => void
}

/** Events that say where a move has got to. */
const moves: readonly JobEvent['type'][] = [
  'plan',
  'shard-warming',
  'shard-ready',
  'shard-released',
  'shard-taken-over',
  'member-joined',
  'member-leaving',
]

/** How long until the supervisor ends a process in which a thread hangs, ms: so much later than its shards are moved. */
const probed = 40_000

export function troubles({ world, config, rates, feed, ...crew }: TroublesParts): Troubles {
  const { random, agenda, trace, brokers, disk } = world
  const { topology, controller, moods } = brokers.shared
  const { alive, running, unused, start, stopping } = crew
  const laid = new Set<Ambush>()
  const note = (what: string): void => trace.note(() => `director: ${what}`)
  const some = (among: readonly MemberNode[], act: (one: MemberNode) => void): void => {
    if (among.length > 0) act(random.pick(among))
  }
  const isUnused = (instance: string): boolean => unused().includes(instance)
  const startAgain = (instance: string): void => {
    if (!stopping() && isUnused(instance)) start(instance)
  }

  function kill(one: MemberNode): void {
    note(`kills ${one.name}`)
    one.kill()
  }

  function restart(one: MemberNode): void {
    kill(one)
    agenda.after(random.between(50, 3_000), () => startAgain(one.instance))
  }

  /** As a probe does that fails: asks it to leave first, or has no patience for that. */
  function end(one: MemberNode): void {
    if (random.chance(0.5)) return restart(one)
    note(`${one.name} is to leave, since it hangs`)
    one.leave()
  }

  function slowDisk(): void {
    note('the disk is slow')
    disk.rates.slow = random.pick([0.1, 0.5])
    for (const one of alive()) one.slowed.push([agenda.now(), agenda.now() + 8_000])
    agenda.after(random.between(500, 5_000), () => {
      disk.rates.slow = 0
    })
  }

  function freeze(one: MemberNode): void {
    const ms = random.pick([random.between(100, 3_000), random.between(3_000, 25_000)])
    note(`freezes ${one.name} for ${ms} ms`)
    one.disturb(ms)
    one.pause()
    agenda.after(ms, () => one.wake())
  }

  function leave(one: MemberNode): void {
    note(`${one.name} is to leave`)
    one.leave()
    if (random.chance(0.3)) agenda.after(random.between(10, 2_000), () => random.pick([kill, freeze])(one))
    else agenda.after(random.between(10_000, 30_000), () => startAgain(one.instance))
  }

  function oneWay(one: MemberNode): void {
    const [ms, way] = [random.between(500, 20_000), random.pick(['request', 'answer'] as const)]
    const node = random.chance(0.5) ? undefined : random.pick(topology.nodes).node
    note(`no ${way} of ${one.name} gets through ${node === undefined ? 'at all' : `at ${node}`} for ${ms} ms`)
    one.oneWay = { way, node, until: agenda.now() + ms }
  }

  /** The act is aimed at the middle of a move, which is brought about, too. */
  function ambush(): void {
    const hit = random.pick([leave, leave, restart, restart, kill, freeze])
    const delay = random.pick([0, random.below(50), random.below(500)])
    laid.add({ at: random.pick(moves), other: random.chance(0.5), delay, hit })
    random.pick([acts.start, acts.restart, acts.leave])()
  }

  function heard(node: MemberNode, event: JobEvent): void {
    for (const trap of laid) {
      if (trap.at !== event.type) continue
      laid.delete(trap)
      const others = running().filter((one) => one !== node)
      const victim = trap.other && others.length > 0 ? random.pick(others) : node
      note(`${node.name} has told of ${event.type}, which hits ${victim.name}`)
      agenda.after(trap.delay, () => running().includes(victim) && !stopping() && trap.hit(victim))
    }
  }

  /** For a while; whatever is away is back after `heal` as well. */
  function away(what: string, set: (isAway: boolean) => void, longest: number): void {
    note(`${what} is away`)
    set(true)
    agenda.after(random.between(500, longest), () => set(false))
  }

  const acts: Readonly<Record<Trouble, () => void>> = {
    start: () => void (unused().length > 0 ? start(random.pick(unused())) : some(alive(), kill)),
    kill: () => some(alive(), kill),
    restart: () => some(alive(), restart),
    freeze: () => some(running(), freeze),
    leave: () => some(running(), leave),
    twin: () =>
      some(alive(), (one) => {
        one.disturb(Infinity)
        start(one.instance)
      }),
    ambush,
    coordinator() {
      const set = (isAway: boolean): void => {
        brokers.shared.groupsAway = isAway
      }
      away('the group coordinator', set, 20_000)
      controller.moveCoordinator('group rxweft/simulated')
    },
    clock: () =>
      some(alive(), ({ name, process }) => {
        const step = random.pick([-3_600_000, -1_000, 40, 3_600_000])
        note(`sets the clock of ${name} by ${step} ms`)
        process.setClock(step)
      }),
    hang: () =>
      some(running(), (one) => {
        if (!one.hang()) return
        // Somebody deploys meanwhile, or a probe fails in the end.
        if (random.chance(0.3)) agenda.after(random.below(5_000), () => running().includes(one) && leave(one))
        agenda.after(probed, () => alive().includes(one) && !stopping() && end(one))
      }),
    fail: () => some(running(), (one) => one.fail()),
    idle: () => feed.rest(random.between(3_000, 20_000)),
    disk() {
      if (random.chance(0.5)) return slowDisk()
      // Just when a shard is to be released.
      laid.add({ at: 'shard-ready', other: false, delay: 0, hit: slowDisk })
      random.pick([acts.start, acts.restart])()
    },
    cut: () =>
      some(alive(), (one) => {
        note(`cuts ${one.name} off`)
        one.cut()
        one.isolatedUntil = agenda.now() + random.pick([0, random.between(100, 20_000)])
      }),
    oneWay: () => some(alive(), oneWay),
    transactions() {
      const set = (isAway: boolean): void => {
        brokers.shared.transactionsAway = isAway
      }
      away('the coordinator of transactions', set, 10_000)
    },
    broker() {
      const node = random.pick(topology.nodes)
      if (!node.up || topology.nodes.some(({ up }) => !up)) return
      note(`node ${node.node} is down`)
      controller.down(node)
      for (const one of crew.nodes()) one.cut(node.node)
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
    mood() {
      const kind = random.pick(['refuse', 'lie', 'slowMarkers'] as const)
      note(`brokers: ${kind}`)
      moods.rates[kind] = random.pick([0.02, 0.1])
      agenda.after(random.between(500, 5_000), () => {
        moods.rates[kind] = 0
      })
    },
    leader() {
      note('leaders move')
      for (const partition of topology.partitions) if (random.chance(0.3)) controller.move(partition)
      for (const key of topology.coordinators.keys()) if (random.chance(0.3)) controller.moveCoordinator(key)
    },
  }
  return { acts, heard, heal: () => laid.clear() }
}
