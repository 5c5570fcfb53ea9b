/**
 * The mover: the member that leads carries out a move that the plan asks for, once the shards
 * concerned are let go. A move that is refused, or that does not succeed for a while, is undone.
 * Everything it needs is in records, so whoever leads next goes on with it.
 */
import type { Clock } from '../../attempt.ts'
import { sleep } from '../../clock.ts'
import type { Members, Membership } from '../../contracts/members.ts'
import type { EndedMove, Plan, PlanStore, SlotMove } from '../../contracts/plan.ts'
import { type RxweftError, toRxweftError } from '../../errors.ts'
import { nextPlan } from '../../members/planner.ts'
import { givenBack, givers, moved } from '../../members/slotMoves.ts'
import type { JobEvent } from '../events.ts'
import { unexpected } from '../jobHandle.ts'
import type { MoveSlots } from '../rescale/memberMove.ts'
import { patience } from '../shards/keeper.ts'
import { isLetGo } from './shardFacts.ts'
import type { StuckShards } from './stuckShards.ts'

export interface PlanMoverParts {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly store: Pick<PlanStore, 'entry'>
  readonly membership: Membership
  readonly fixed: Members['fixed']
  readonly move: MoveSlots
  /** Members that hang, and the shards with which they do. */
  readonly watch: Pick<StuckShards, 'hanging' | 'hangs'>
  readonly tell: (event: JobEvent) => void
  /** Called when there is a plan to write, or to read. */
  readonly changed: () => void
}

export interface PlanMover {
  /** Does what follows from the newest plan. */
  look(plan: Plan): void
  /** The plan that undoes a move which was refused; null: none. */
  next(plan: Plan): Plan | null
}

/** Interval of asking the ledger whether a shard is let go, ms. */
const interval = 50

/** Pause after a failure, ms. */
const pause = 500

/** How long the plan that a move has written may take to be read, ms. */
const rereading = 5_000

/** How long a move is tried, ms: its shards do not run meanwhile. */
const longest = 60_000

export function planMover(parts: PlanMoverParts): PlanMover {
  const { clock, signal, store, membership, fixed, watch, tell, changed } = parts
  let newest: Plan | null = null
  /** Request of the move that is under way here; null: none. */
  let busy: number | null = null
  let refused: EndedMove | null = null
  /** Request that was carried out last, and when. */
  let done: { readonly request: number; readonly at: number } | null = null

  /** The plan that was written has yet to be read. */
  const isDone = ({ request }: SlotMove): boolean =>
    done?.request === request && clock.monotonic() - done.at < rereading

  const leads = (): boolean => membership.leads && (fixed === null || fixed.index === 0)

  /** Of fixed members each takes its own shards. */
  function placed(plan: Plan): Plan | null {
    const { alive, records } = membership
    return fixed !== null || alive === null
      ? null
      : nextPlan({ plan, alive, records, stuck: new Set(), hanging: watch.hanging() })
  }

  const isCurrent = ({ moving }: Plan, { request }: SlotMove): boolean => moving?.request === request

  /** Waits for the final checkpoints; a shard that hangs is fenced by the move. */
  async function letGo(move: SlotMove): Promise<void> {
    const since = clock.monotonic()
    const waits = new Set(newest === null ? [] : givers(newest, move))
    while (!signal.aborted && waits.size > 0 && clock.monotonic() - since < patience) {
      await Promise.all(
        [...waits].map(async (shard) => {
          const entry = await store.entry(shard).catch(() => null)
          const hangs = (member: string): boolean => watch.hangs(member, shard)
          if (newest !== null && isLetGo(newest, move.request, shard, entry, membership.records, hangs))
            waits.delete(shard)
        }),
      )
      if (waits.size > 0) await sleep(clock, interval, signal)
    }
  }

  async function carryOut(move: SlotMove): Promise<void> {
    const since = clock.monotonic()
    while (!signal.aborted && newest !== null && isCurrent(newest, move) && leads()) {
      try {
        await parts.move(move, {
          ...{ signal, tell },
          letGo: () => letGo(move),
          next: (plan) => (isCurrent(plan, move) ? moved(plan, move, placed) : null),
        })
        done = { request: move.request, at: clock.monotonic() }
        return
      } catch (thrown) {
        if (signal.aborted) return
        const error = toRxweftError(thrown, unexpected)
        const isFinal = error.consequence === 'fatal' || error.consequence === 'corrupted'
        if (isFinal || clock.monotonic() - since > longest) {
          refused = { request: move.request, error: told(error) }
          return
        }
        await sleep(clock, pause, signal)
      }
    }
  }

  return {
    look(plan) {
      newest = plan
      const { moving } = plan
      if (moving === undefined || busy !== null || refused?.request === moving.request || !leads()) return
      if (isDone(moving)) return
      busy = moving.request
      void carryOut(moving).finally(() => {
        busy = null
        changed()
      })
    },
    next(plan) {
      const { moving } = plan
      if (moving === undefined || refused?.request !== moving.request) return null
      return givenBack(plan, moving, refused.error, placed)
    },
  }
}

/** As the plan keeps it: the code is told apart from the rest. */
function told({ code, message }: RxweftError): EndedMove['error'] {
  const prefix = `${code}: `
  return { code, message: message.startsWith(prefix) ? message.slice(prefix.length) : message }
}
