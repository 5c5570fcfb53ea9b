/** Brings about the faults of a schedule: what happens is chosen by the seed, and all of it is undone by `heal`. */
import type { ProtocolStep } from '../../src/element.ts'
import { type Owner, owner } from './job/owner.ts'
import { type Aimed, type FaultRates, noFaults } from './network/faultRates.ts'
import type { Fate } from './network/wire.ts'
import type { World } from './world.ts'

export interface Director {
  readonly owners: readonly Owner[]
  /** Another owner, beside those that there are. */
  start(until?: 'latest'): Owner
  /** One fault, or the start of another owner. */
  act(): void
  /** Everything works again. Those owners that are left are killed, or woken up in a while, or just go on. */
  heal(): void
}

const steps: readonly ProtocolStep[] = ['barrier', 'prepared', 'stored', 'ledger', 'ending', 'committed', 'rolled']

const decisive = [
  ['Produce', 0],
  ['InitProducerId', 22],
  ['EndTxn', 26],
  ['EndTxn', 26],
  ['TxnOffsetCommit', 28],
] as const

const fates: readonly Fate[] = ['lose request', 'lose answer', 'late', 'silent']

/** Copies of the job that are alive at once, zombies included. */
const crowd = 3

export function director(world: World): Director {
  const { random, brokers, agenda, trace, disk, config } = world
  const { topology, moods, groups } = brokers.shared
  const owners: Owner[] = []
  const rates: FaultRates = { ...noFaults }
  const aimed: Aimed = new Map()

  const note = (what: string): void => trace.note(() => `director: ${what}`)
  const alive = (): Owner[] => owners.filter(({ process, end }) => process.state !== 'dead' && end === null)
  const running = (): Owner[] => alive().filter(({ process }) => process.state === 'running')
  const some = (among: readonly Owner[], act: (one: Owner) => void): void => {
    if (among.length > 0) act(random.pick(among))
  }

  function start(until?: 'latest'): Owner {
    const name = `owner ${owners.length + 1}`
    const dies = until === undefined && random.chance(0.3)
    const dieAt = { step: random.pick(steps), nth: random.between(1, 6) }
    note(`${name} starts${dies ? `, to die at its ${dieAt.nth}. "${dieAt.step}"` : ''}`)
    const made = owner(world, name, { rates, aimed, ...(dies ? { dieAt } : {}), ...(until === undefined ? {} : { until }) })
    owners.push(made)
    return made
  }

  function kill(one: Owner): void {
    note(`kills ${one.process.name}`)
    one.kill()
  }

  function pause(one: Owner): void {
    note(`freezes ${one.process.name}`)
    one.process.pause()
    if (random.chance(0.7)) agenda.after(random.between(50, 2_000), () => wake(one))
  }

  function wake(one: Owner): void {
    if (one.process.state !== 'paused') return
    note(`wakes ${one.process.name}`)
    one.process.wake()
  }

  function stop(one: Owner): void {
    note(`asks ${one.process.name} to stop`)
    one.stop()
  }

  function cut(one: Owner): void {
    note(`cuts the connections of ${one.process.name}`)
    one.cluster.cut()
    if (random.chance(0.3)) one.isolatedUntil = agenda.now() + random.between(10, 800)
  }

  function nodeDown(): void {
    const { node } = random.pick(topology.nodes)
    note(`node ${node} goes down`)
    const state = topology.nodes[node - 1] as { up: boolean }
    state.up = false
    for (const one of owners) one.cluster.cut(node)
    agenda.after(random.between(0, 100), elect)
    agenda.after(random.between(50, 700), () => {
      note(`node ${node} is up`)
      state.up = true
      elect()
    })
  }

  function elect(): void {
    topology.elect((nodes) => random.pick(nodes))
    brokers.shared.progressed()
  }

  function moveLeader(): void {
    const led = random.pick(topology.partitions)
    led.leader = random.pick(topology.nodes).node
    note(`node ${led.leader} leads ${led.topic}/${led.partition}`)
    elect()
  }

  function moveCoordinators(): void {
    note('coordinators move')
    for (const id of brokers.shared.transactions.all.keys()) {
      topology.moveCoordinator(`transaction ${id}`, random.pick(topology.nodes).node)
    }
    topology.moveCoordinator('group group', random.pick(topology.nodes).node)
    elect()
  }

  /** For a while one thing or another goes wrong now and then. */
  function weather(): void {
    const kinds: readonly (readonly [object, string])[] = [
      ...Object.keys(rates).map((kind) => [rates, kind] as const),
      ...['refuse', 'lie', 'slowMarkers'].map((kind) => [moods.rates, kind] as const),
      ...['fail', 'slow'].map((kind) => [disk.rates, kind] as const),
    ]
    const [where, kind] = random.pick(kinds) as readonly [Record<string, number>, string]
    where[kind] = random.pick([0.02, 0.1, 0.3])
    note(`${kind}: ${where[kind]}`)
    agenda.after(random.between(50, 1_000), () => {
      where[kind] = 0
    })
  }

  /** The next request of a kind that matters fails in one of the ways that leave its sender in doubt. */
  function aim(): void {
    const [name, api] = random.pick(decisive)
    const its = random.pick(fates)
    note(`the next ${name}: ${its}`)
    aimed.set(api, its)
  }

  /** Two that start at once, one of them perhaps frozen in the middle. */
  function duel(): void {
    for (const one of alive().slice(crowd - 2)) kill(one)
    const pair = [start(), start()]
    if (random.chance(0.5)) agenda.after(random.between(10, 120), () => pause(random.pick(pair)))
  }

  /** A tool, or a person, commits offsets of the job's group. */
  function foreignOffsets(): void {
    const partition = random.below(config.partitions)
    groups.commit('group', [{ topic: 'source', partition, offset: random.below(50) }])
  }

  if (config.lyingDisk) disk.rates[random.pick(['torn', 'torn', 'lost'] as const)] = 0.3

  const faults: readonly (() => void)[] = [
    ...Array(5).fill(weather),
    ...Array(4).fill(aim),
    ...Array(2).fill(duel),
    ...Array(4).fill(() => (alive().length < crowd ? start() : some(alive(), kill))),
    ...Array(3).fill(() => some(alive(), kill)),
    ...Array(3).fill(() => some(running(), pause)),
    () => some(alive(), wake),
    () => some(running(), cut),
    () => some(running(), stop),
    ...Array(2).fill(nodeDown),
    ...Array(2).fill(moveLeader),
    moveCoordinators,
    foreignOffsets,
  ]

  return {
    owners,
    start,
    act: () => random.pick(faults)(),
    heal() {
      note('all is well again')
      Object.assign(rates, noFaults)
      aimed.clear()
      Object.assign(moods.rates, { refuse: 0, lie: 0, slowMarkers: 0 })
      Object.assign(disk.rates, { fail: 0, slow: 0, torn: 0, lost: 0 })
      for (const state of topology.nodes) state.up = true
      elect()
      for (const one of alive()) {
        one.isolatedUntil = 0
        if (one.process.state === 'paused') agenda.after(random.between(0, 2_000), () => wake(one))
        else if (random.chance(0.7)) kill(one)
      }
    },
  }
}
