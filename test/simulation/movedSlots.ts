/**
 * The job of laggingShard.ts, stopped or killed again and again, at any moment of a start, and started over another number of shards each
 * time: state and event time follow their slots, so all windows come out as fed, each once, and nothing is late.
 */
import type { Rxweft } from './core/rxweft.ts'
import { program } from './job/laggingProgram.ts'
import { type LaggingShardVerdict, laggingShard, last, stage } from './laggingShard.ts'
import type { World } from './world.ts'

/** Between two looks, ms. */
const often = 50

/** One such schedule; the seed chooses how many shards follow each other, and when a start is killed. */
export const movedSlots = (rxweft: Rxweft, seed: number): Promise<LaggingShardVerdict> =>
  laggingShard(rxweft, seed, (world) => moves(world, false))

/** @param inLedger whether the state is large, and in the ledger */
export async function moves(world: World, inLedger: boolean): Promise<readonly string[]> {
  const { random } = world
  const { some, lastOnes, pass, within, late, verdict } = stage(world)
  for (let run = 0; run < 7; run++) {
    const shards = random.between(1, 5)
    const running = program(world, `run ${run}`, undefined, { spread: shards, inLedger })
    // Some runs die while they move slots.
    if (random.chance(0.4)) await pass(random.between(1, 400))
    else await within(6_000, () => running.begun.size === shards, often)
    for (let round = random.between(1, 5); round > 0; round--) {
      some()
      await pass(random.between(10, 300))
      if (random.chance(0.2)) running.cutOff(random.below(shards), random.between(100, 1_500))
    }
    if (late().length > 0) return late()
    if (random.chance(0.5)) running.kill()
    else {
      running.stop()
      await within(6_000, () => running.end !== undefined, often)
      running.kill()
    }
    // A shard that is cut off cannot take its final checkpoint.
    if (!/^(undefined|stopped|BROKERS_UNREACHABLE.*)$/.test(`${running.end}`))
      return [`it has not stopped: ${running.end}`]
    await pass(random.between(1, 300))
  }
  lastOnes(last)
  const bounded = program(world, 'last', 'latest', { spread: random.between(1, 5), inLedger })
  await within(20_000, () => bounded.end !== undefined, often)
  return verdict(bounded)
}
