/** The owners of the job, and what happens to them: started, killed, frozen and woken up, cut off, asked to stop. */
import type { ProtocolStep } from '../../../src/attempt.ts'
import { type Owner, owner } from '../job/owner.ts'
import type { World } from '../world.ts'
import type { Fault } from './fault.ts'
import type { Weather } from './weather.ts'

export interface Crowd {
  readonly owners: readonly Owner[]
  readonly faults: readonly Fault[]
  /** Neither dead nor ended; zombies are. */
  readonly alive: readonly Owner[]
  /** Another owner, beside those that there are. */
  start(until?: 'latest', bootstrap?: number): Owner
  killOne(): void
  /** As `start`, unless there are enough already. */
  another(): void
  /** Those that are left are killed, or woken up in a while, or just go on. */
  heal(): void
}

const steps: readonly ProtocolStep[] = ['barrier', 'prepared', 'stored', 'ledger', 'ending', 'committed', 'rolled']

/** Copies of the job that are alive at once, zombies included. */
const most = 3

export function crowd(world: World, weather: Weather): Crowd {
  const { random, agenda, trace } = world
  const owners: Owner[] = []
  const note = (what: string): void => trace.note(() => `director: ${what}`)
  const alive = (): Owner[] => owners.filter(({ process, end }) => process.state !== 'dead' && end === null)
  const running = (): Owner[] => alive().filter(({ process }) => process.state === 'running')
  const some = (among: readonly Owner[], act: (one: Owner) => void): void => {
    if (among.length > 0) act(random.pick(among))
  }

  function start(until?: 'latest', bootstrap?: number): Owner {
    const name = `owner ${owners.length + 1}`
    const dies = until === undefined && random.chance(0.3)
    const dieAt = { step: random.pick(steps), nth: random.between(1, 6) }
    const at = bootstrap === undefined ? '' : ` at node ${bootstrap}`
    note(`${name} starts${at}${dies ? `, to die at its ${dieAt.nth}. "${dieAt.step}"` : ''}`)
    const { rates, aimed } = weather
    const shards = shardsNow(until)
    const made = owner(world, name, { rates, aimed, until, shards, bootstrap, dieAt: dies ? dieAt : undefined })
    owners.push(made)
    return made
  }

  /** The last owner knows how many there are, once that is decided. */
  function shardsNow(until: 'latest' | undefined): number {
    const [usual = 1, other] = world.config.shards
    if (other === undefined) return usual
    const decided = world.decisions.find(({ shard }) => shard === 0)
    if (until !== undefined) return decided === undefined ? usual : decided.shards
    return random.chance(0.3) ? other : usual
  }

  function kill(one: Owner): void {
    note(`kills ${one.process.name}`)
    one.kill()
  }

  function freeze(one: Owner): void {
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

  /** Two that start at once, one of them perhaps frozen in the middle. */
  function duel(): void {
    for (const one of alive().slice(most - 2)) kill(one)
    const pair = [start(), start()]
    if (random.chance(0.5)) weather.soon(random.between(10, 120), () => freeze(random.pick(pair)))
  }

  return {
    owners,
    faults: [
      { weight: 2, act: duel },
      { weight: 4, act: () => (alive().length < most ? start() : some(alive(), kill)) },
      { weight: 3, act: () => some(alive(), kill) },
      { weight: 3, act: () => some(running(), freeze) },
      { weight: 1, act: () => some(alive(), wake) },
      { weight: 1, act: () => some(running(), cut) },
      { weight: 1, act: () => some(running(), stop) },
    ],
    get alive() {
      return alive()
    },
    start,
    killOne: () => some(alive(), kill),
    another() {
      if (alive().length < most) start()
    },
    heal() {
      for (const one of alive()) {
        one.isolatedUntil = 0
        one.hidden.clear()
        if (one.process.state === 'paused') agenda.after(random.between(0, 1_000), () => wake(one))
        else if (random.chance(0.7)) kill(one)
      }
    },
  }
}
