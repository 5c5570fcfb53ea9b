/** Brings about the faults of a schedule: what happens is chosen by the seed, and all of it is undone by `heal`. */
import { type Crowd, crowd } from './faults/crowd.ts'
import { moves } from './faults/moves.ts'
import { rifts } from './faults/rifts.ts'
import { weather } from './faults/weather.ts'
import type { Owner } from './job/owner.ts'
import type { World } from './world.ts'

export interface Director {
  readonly owners: readonly Owner[]
  start(until?: 'latest'): Owner
  /** One fault, or the start of another owner. */
  act(): void
  /** Everything works again. */
  heal(): void
}

export function director(world: World): Director {
  const { random, trace } = world
  const sky = weather(
    world,
    () => people.killOne(),
    () => people.another(),
  )
  const people: Crowd = crowd(world, sky)
  const ground = moves(world, people)
  const apart = rifts(world, people, sky)

  // Each seed has its own few kinds of trouble: where all come at once, one hides what another would bring to light.
  const all = [...sky.faults, ...people.faults, ...ground.faults, ...apart.faults]
  const chosen = all.filter(() => random.chance(0.4))
  const acts = (chosen.length === 0 ? all : chosen).flatMap(({ weight, act }) =>
    Array.from({ length: weight }, () => act),
  )

  return {
    owners: people.owners,
    start: people.start,
    act: () => (people.alive.length === 0 ? void people.start() : random.pick(acts)()),
    heal() {
      trace.note(() => 'director: all is well again')
      sky.heal()
      ground.heal()
      people.heal()
    },
  }
}
