/** Random events of keyed operators. Time stays so narrow that sessions merge and elements are late all the time. */
import type { Random } from '../../simulation/core/random.ts'
import type { ElementEvent, Event } from '../scenario.ts'
import { type RandomInputs, randomInputs } from './randomInputs.ts'

export interface Course {
  readonly inputs: number
  /** Makes the element, given a moment near the front of time, and how many came before it. */
  readonly element: (timestamp: number, count: number) => ElementEvent
  readonly restarts: boolean
  /** Inputs become idle and active. Not together with restarts: an operator that has forgotten who had fallen behind is another one. */
  readonly idleness: boolean
}

export function randomEvents(random: Random, { inputs, element, restarts, idleness }: Course): readonly Event[] {
  const events: Event[] = []
  const over = randomInputs(random, inputs)
  const length = random.between(10, 50)
  let front = random.between(-30, 10)
  let elements = 0
  while (events.length < length) {
    front += random.between(0, 3)
    const dice = random.next()
    if (dice < 0.04 && restarts) events.push(...over.rebirth())
    else if (dice < 0.1 && idleness) events.push(...over.status())
    else if (dice < 0.35) events.push(...over.watermark(front))
    else events.push(element(moment(random, over, front), ++elements))
  }
  return [...events, ...over.ending()]
}

/** Now and then exactly the watermark: a millisecond makes all the difference there. */
function moment(random: Random, inputs: RandomInputs, front: number): number {
  const lowest = inputs.lowest()
  return Number.isFinite(lowest) && random.chance(0.15) ? lowest : front + random.between(-18, 8)
}
