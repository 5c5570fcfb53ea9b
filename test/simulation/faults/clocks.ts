/**
 * What happens to the clocks of the owners: some run fast or slow, and now and then somebody sets one. By a chance of
 * its own, so that the rest of a schedule is the same with and without it.
 */
import type { SimulationConfig } from '../config.ts'
import type { Process } from '../core/process.ts'
import type { Random } from '../core/random.ts'
import type { World } from '../world.ts'

/** How far a clock is set, ms: by an hour, as summer time does on machines that keep local time, or by NTP. */
const steps = [-3_600_000, -1_000, 40, 3_600_000, 3_600_000, 3_600_000]

/** ms that the clock of one owner counts for each one that passes. */
export function paceOf(chance: Random): number {
  return chance.pick([1, 1, 1, 0.95, 1.05])
}

/** Part of an owner: its process, and how its execution has ended, once it has. */
interface Timed {
  readonly process: Process
  readonly end: unknown
}

/** Also after all else has healed: clocks are set on good days, too. */
export function setClocks({ agenda, trace, clocks }: World, { horizon }: SimulationConfig, owners: readonly Timed[]) {
  if (clocks.chance(0.5)) return
  for (let left = clocks.between(4, 16); left > 0; left--) {
    agenda.after(clocks.below(horizon + 500), () => {
      const alive = owners.filter(({ process, end }) => process.state !== 'dead' && end === null)
      if (alive.length === 0) return
      const { process } = clocks.pick(alive)
      const step = clocks.pick(steps)
      trace.note(() => `director: sets the clock of ${process.name} by ${step} ms`)
      process.setClock(step)
    })
  }
}
