/** Random operators of each kind, small enough that their edges are met often. */
import type { Random } from '../../simulation/core/random.ts'
import type { Assigner, EventTimers, IntervalJoin, WindowJoin, WindowOperator } from '../scenario.ts'
import { between, count, windowed, windowJoin } from './operators.ts'

export function randomTumbling(random: Random): Assigner {
  const size = random.between(1, 12)
  return { type: 'tumbling', size, offset: random.chance(0.5) ? 0 : random.between(1 - size, size - 1) }
}

export function randomSliding(random: Random): Assigner {
  const slide = random.between(2, 8)
  const offset = random.chance(0.5) ? 0 : random.between(1 - slide, slide - 1)
  return { type: 'sliding', size: random.between(2, 20), slide, offset }
}

export function randomSession(random: Random): Assigner {
  return { type: 'session', gap: random.between(1, 9) }
}

export function randomWindow(random: Random, assigner: Assigner): WindowOperator {
  return windowed(assigner, {
    allowedLateness: random.pick([0, 0, 1, 5, 12]),
    function: random.pick(['sum', 'list']),
    lateOutput: random.chance(0.7),
  })
}

export function randomCount(random: Random): WindowOperator {
  const assigner = random.pick([randomTumbling, randomSliding, randomSession, () => ({ type: 'global' }) as const])(
    random,
  )
  const trigger = count(random.between(1, 4), random.pick(['purge', 'keep']))
  return { ...randomWindow(random, assigner), trigger }
}

export function randomIntervalJoin(random: Random): IntervalJoin {
  const lower = random.between(-10, 6)
  return between(lower, lower + random.between(2, 12), {
    lowerInclusive: random.chance(0.7),
    upperInclusive: random.chance(0.7),
    lateOutput: random.chance(0.8),
  })
}

export function randomWindowJoin(random: Random): WindowJoin {
  const assigner = random.pick([randomTumbling, randomSliding, randomSession])(random)
  return windowJoin(assigner, random.pick([0, 0, 3]))
}

export function randomTimers(random: Random): EventTimers {
  const repeat = { every: random.between(2, 9), until: random.between(0, 60) }
  return random.chance(0.5) ? { kind: 'eventTimers' } : { kind: 'eventTimers', repeat }
}
