/** Random scenarios of every kind. Each has a seed of its own, so that one more of them changes no other. */
import { type Random, seededRandom } from '../../simulation/core/random.ts'
import type { ElementEvent, Operator, Scenario } from '../scenario.ts'
import { type Course, randomEvents } from './randomEvents.ts'
import * as operators from './randomOperators.ts'
import { randomCombined, randomSource } from './randomSources.ts'

type Make = (name: string, seed: number) => Scenario

interface Kind {
  readonly name: string
  readonly scenarios: number
  readonly make: Make
}

const { randomSession, randomSliding, randomTumbling, randomWindow } = operators

const kinds: readonly Kind[] = [
  { name: 'sessions', scenarios: 45, make: keyed(1, (random) => randomWindow(random, randomSession(random)), valued) },
  {
    name: 'tumbling windows',
    scenarios: 20,
    make: keyed(1, (random) => randomWindow(random, randomTumbling(random)), valued),
  },
  {
    name: 'sliding windows',
    scenarios: 25,
    make: keyed(1, (random) => randomWindow(random, randomSliding(random)), valued),
  },
  { name: 'counts', scenarios: 20, make: keyed(1, operators.randomCount, valued) },
  { name: 'interval joins', scenarios: 30, make: keyed(2, operators.randomIntervalJoin, numbered) },
  { name: 'window joins', scenarios: 20, make: keyed(2, operators.randomWindowJoin, numbered) },
  { name: 'timers', scenarios: 15, make: keyed(1, operators.randomTimers, timed) },
  { name: 'sources', scenarios: 20, make: randomSource },
  { name: 'combined watermarks', scenarios: 20, make: randomCombined },
]

export const randomScenarios: readonly Scenario[] = kinds.flatMap(({ name, scenarios, make }, kind) =>
  Array.from({ length: scenarios }, (_, index) => make(`random ${name} ${index + 1}`, (kind + 1) * 1000 + index)),
)

type ElementOf = (random: Random, operator: Operator, inputs: number) => Course['element']

function keyed(inputs: number, operatorOf: (random: Random) => Operator, elementOf: ElementOf): Make {
  return (name, seed) => {
    const random = seededRandom(seed)
    const operator = operatorOf(random)
    const element = elementOf(random, operator, inputs)
    const restarts = random.chance(0.4)
    const idleness = !restarts && random.chance(inputs > 1 ? 0.5 : 0.2)
    return { name, operator, events: randomEvents(random, { inputs, element, restarts, idleness }) }
  }
}

function anyKey(random: Random): string {
  return random.pick(['a', 'a', 'a', 'b', 'b', 'c'])
}

/** Values tell elements apart: by the order of arrival. */
function numbered(random: Random, _: Operator, inputs: number): Course['element'] {
  return (timestamp, value) => ({ type: 'element', input: random.below(inputs), key: anyKey(random), value, timestamp })
}

/** What is summed up may be anything. */
function valued(random: Random, operator: Operator, inputs: number): Course['element'] {
  const element = numbered(random, operator, inputs)
  const sums = operator.kind === 'window' && operator.function === 'sum'
  return (timestamp, count) => element(timestamp, sums ? random.between(-20, 100) : count)
}

function timed(random: Random): Course['element'] {
  return (timestamp): ElementEvent => {
    const value = timestamp + random.between(-4, 20)
    const registers = { type: 'element', input: 0, key: anyKey(random), value, timestamp } as const
    return random.chance(0.2) ? { ...registers, delete: true } : registers
  }
}
