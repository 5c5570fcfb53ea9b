/** Random sources, and random watermarks that are combined. */
import { type Random, seededRandom } from '../../simulation/core/random.ts'
import type { Event, Scenario, Source, Strategy } from '../scenario.ts'
import { active, emit, idle, mark, read, wait } from './events.ts'

export function randomSource(name: string, seed: number): Scenario {
  const random = seededRandom(seed)
  const strategies: readonly Strategy[] = [
    { type: 'ascending' },
    { type: 'boundedOutOfOrderness', bound: random.between(0, 4) },
    { type: 'boundedOutOfOrderness', bound: random.between(3, 8) },
  ]
  const always: Source = { kind: 'source', strategy: random.pick(strategies) }
  return { name, operator: random.chance(0.5) ? always : { ...always, idleTimeout: 10 }, events: reading(random) }
}

function reading(random: Random): readonly Event[] {
  const events: Event[] = []
  const splits = new Set<number>()
  const most = random.between(1, 3)
  const length = random.between(15, 50)
  let front = random.between(-20, 20)
  while (events.length < length) {
    front += random.between(0, 3)
    const split = random.below(most)
    const dice = random.next()
    if (dice < 0.4) events.push(emit)
    else if (dice < 0.5) events.push(wait(random.between(1, 12)), emit)
    else if (dice < 0.53 && splits.delete(split)) events.push({ type: 'finish', input: split })
    else {
      splits.add(split)
      events.push(read(split, front + random.between(-10, 5)))
    }
  }
  return [...events, emit]
}

export function randomCombined(name: string, seed: number): Scenario {
  const random = seededRandom(seed)
  const inputs = random.between(2, 3)
  const events: Event[] = []
  let front = random.between(-10, 10)
  while (events.length < 40) {
    front += random.between(0, 2)
    const input = random.below(inputs)
    if (random.chance(0.7)) events.push(mark(front + random.between(-10, 3), input))
    else events.push(random.chance(0.5) ? idle(input) : active(input))
  }
  return { name, operator: { kind: random.pick(['channels', 'inputs']), inputs }, events }
}
