/** The schedules of movedSlots.ts, with state that is too large for a ledger entry, and in the state topic beside it. */
import type { Rxweft } from './core/rxweft.ts'
import { type LaggingShardVerdict, laggingShard } from './laggingShard.ts'
import { moves } from './movedSlots.ts'

/** One such schedule. */
export const movedLedger = (rxweft: Rxweft, seed: number): Promise<LaggingShardVerdict> =>
  laggingShard(rxweft, seed, (world) => moves(world, true))
