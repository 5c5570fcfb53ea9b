/** The watermarks of one or more inputs, as they rise, repeat themselves, fall back, are silent, and are said again after a restore. */
import type { Random } from '../../simulation/core/random.ts'
import type { Event } from '../scenario.ts'
import { active, idle, mark, restart } from './events.ts'

export interface RandomInputs {
  /** On one input or on all, near the front of time. */
  watermark(front: number): readonly Event[]
  /** One input becomes idle, or active again. */
  status(): readonly Event[]
  /** Snapshot and restore. Every input says its watermark again, as a source does that reads on from where it was. */
  rebirth(): readonly Event[]
  /** All inputs are active and end. */
  ending(): readonly Event[]
  /** The lowest watermark so far; -Infinity while an input has said none. */
  lowest(): number
}

export function randomInputs(random: Random, inputs: number): RandomInputs {
  const all = Array.from({ length: inputs }, (_, input) => input)
  const reached = all.map(() => Number.NEGATIVE_INFINITY)
  const sleeping = new Set<number>()

  function said(timestamp: number, input: number): Event {
    if (!sleeping.has(input)) reached[input] = Math.max(reached[input] ?? timestamp, timestamp)
    return mark(timestamp, input)
  }
  return {
    watermark(front) {
      const timestamp = front + random.between(-14, 2)
      const those = random.chance(0.5) ? [random.pick(all)] : all
      return those.map((input) => said(timestamp, input))
    },
    status() {
      const input = random.pick(all)
      if (sleeping.delete(input)) return [active(input)]
      sleeping.add(input)
      return [idle(input)]
    },
    rebirth: () => [restart, ...all.flatMap((input) => again(input, reached[input]))],
    ending: () => [...[...sleeping].map(active), ...all.map((input) => mark(Number.POSITIVE_INFINITY, input))],
    lowest: () => Math.min(...reached),
  }
}

function again(input: number, reached = Number.NEGATIVE_INFINITY): readonly Event[] {
  return Number.isFinite(reached) ? [mark(reached, input)] : []
}
