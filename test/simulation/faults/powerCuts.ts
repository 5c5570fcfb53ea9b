/**
 * The machine that all owners and the disk are on loses power: nobody is left, and what was written and not yet synced is gone. Syncs
 * take their time, and a cut comes while one is under way. By a chance of its own, so that schedules without it stay what they are.
 */
import type { Director } from '../director.ts'
import type { World } from '../world.ts'

/** Longest sync, ms: as a rule, and where a cut comes meanwhile. */
const usual = 60
const stuck = 600

export function cutPowerNowAndThen(world: World, { owners, start }: Pick<Director, 'owners' | 'start'>): void {
  const { agenda, config, disasters, disk, trace } = world
  if (config.disaster !== 'power') return
  const calm = agenda.now() + config.horizon
  let fatal: number | null = null
  disk.syncTime = () => {
    if (agenda.now() >= calm) return 0
    const its = fatal ?? disasters.between(0, usual)
    fatal = null
    return its
  }

  function cut(): void {
    if (agenda.now() >= calm) return
    trace.note(() => 'director: the power fails')
    for (const { process, end, kill } of owners) if (process.state !== 'dead' && end === null) kill()
    disk.powerCut(() => disasters.chance(0.8))
    agenda.after(disasters.between(0, 100), () => {
      const alone = owners.every(({ process, end }) => process.state === 'dead' || end !== null)
      if (alone && agenda.now() < calm) start()
    })
  }

  /** While some write from now on is synced. */
  function soon(): void {
    let left = disasters.between(1, 4)
    disk.onWritten(() => {
      left -= 1
      if (left > 0) return false
      fatal = disasters.between(0, stuck)
      agenda.after(disasters.between(0, fatal), cut)
      return true
    })
  }

  // The first start writes what no later one does.
  if (disasters.chance(0.5)) soon()
  for (let left = disasters.between(1, 3); left > 0; left--) agenda.after(disasters.below(config.horizon), soon)
}
