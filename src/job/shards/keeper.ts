/**
 * Keeper of one shard on one member: a pure reducer. The plan says who is to run the shard, the
 * ledger who has let it go; the keeper brings both together.
 *
 *     idle --plan: mine--> warming --loaded--> ready --free--> running --not mine, and target
 *      ^                      |                                   ^ |    is ready--> releasing
 *      |                      `------- opened, and free ----------' |                    |
 *      `-------------------------- released, or replaced -----------'--------------------'
 *                                                  finished and failed: stay until not mine
 *
 * A shard whose slots move is nobody's: its owner lets it go without an heir. One that has got
 * other slots meanwhile ends at once wherever it was begun before, since its owner there is fenced.
 * So does one that hangs here and comes back after it was given to another member: what hangs does
 * not hear that somebody else has run the shard, and would keep it from running here again.
 *
 * A member goes on running a shard that the plan has given to another one, until that one is ready:
 * a target that cannot start costs nothing. Ready means that it has loaded the state ahead; a shard
 * that nobody runs does not wait for that. A member takes a shard over once the shard is free, or
 * after `patience`; then its takeover fences the owner before, which costs time, never correctness.
 */
import type { ShardDoing } from '../../contracts/members.ts'
import type { RxweftError } from '../../errors.ts'
import type { CheckpointId } from '../../record.ts'

export type KeeperPhase = 'idle' | ShardDoing

export interface KeeperState {
  readonly phase: KeeperPhase
  /** Number of the plan by which the shard was taken, or is to be. */
  readonly plan: number
  /** Time of the last change of phase, ms. */
  readonly since: number
  /** Time before which nothing is tried again, ms. */
  readonly notBefore: number
  readonly checkpoint: CheckpointId
  /** Whether everything is open, while warming. */
  readonly opened: boolean
  /** Whether nothing has happened since that checkpoint, so that none is taken. */
  readonly idle: boolean
  readonly error?: RxweftError | undefined
}

/** What is known about the shard now. */
export interface KeeperFacts {
  /** ms */
  readonly now: number
  /** Number of the newest plan. */
  readonly plan: number
  /** Whether that plan gives the shard to this member. */
  readonly mine: boolean
  /** Whether the member to which the plan gives it waits for it. */
  readonly targetReady: boolean
  /** Whether nobody runs it: its owner has released it, or is no member any more. */
  readonly free: boolean
  /** Whether this member gives it up even if nobody waits for it. */
  readonly evacuates: boolean
  /**
   * Whether its run here cannot go on: the shard has got other slots since, so it is another one,
   * or it comes back to a thread that hangs.
   */
  readonly isLost: boolean
}

export type KeeperEvent =
  | { readonly type: 'opened' }
  /** Its state is loaded ahead, as far as it can be. */
  | { readonly type: 'loaded' }
  | { readonly type: 'committed'; readonly checkpoint: CheckpointId }
  | { readonly type: 'idle'; readonly idle: boolean }
  | { readonly type: 'finished' }
  /** Its final checkpoint is committed, and signed as released if it was released. */
  | { readonly type: 'stopped' }
  /** Somebody else has taken it over. */
  | { readonly type: 'replaced' }
  | { readonly type: 'failed'; readonly error: RxweftError }

export type KeeperCommand =
  /** Open everything, and wait. */
  | { readonly type: 'warm'; readonly plan: number }
  /** Take it over under this plan, and run. */
  | { readonly type: 'run'; readonly plan: number }
  /** Take a final checkpoint, signed as released under this plan, and end. */
  | { readonly type: 'release'; readonly plan: number }
  /** End at once. */
  | { readonly type: 'cancel' }

export interface KeeperStep {
  readonly state: KeeperState
  readonly command: KeeperCommand | null
}

/** How long a ready member waits for the shard to become free, ms. */
export const patience = 30_000

/** Pause after the shard was lost to another member, ms: a newer plan may be on its way. */
const pause = 1_000

export const idleKeeper: KeeperState = {
  ...{ phase: 'idle', plan: 0, since: 0, notBefore: 0, checkpoint: 0, opened: false, idle: false },
}

/** What follows from what is known; at most one command at a time. */
export function look(state: KeeperState, facts: KeeperFacts): KeeperStep {
  const { plan, mine, now } = facts
  if (facts.isLost && state.phase !== 'idle')
    return to({ ...state, error: undefined }, 'idle', now, hasEnded(state) ? null : { type: 'cancel' })
  switch (state.phase) {
    case 'idle':
      return mine && !facts.evacuates && now >= state.notBefore
        ? to(state, 'warming', now, { type: 'warm', plan }, plan)
        : stay(state)
    case 'warming':
      if (!mine || facts.evacuates) return to(state, 'idle', now, { type: 'cancel' })
      return state.opened && facts.free ? to(state, 'running', now, { type: 'run', plan }, plan) : stay(state)
    case 'ready':
      if (!mine || facts.evacuates) return to(state, 'idle', now, { type: 'cancel' })
      return facts.free || now - state.since >= patience
        ? to(state, 'running', now, { type: 'run', plan }, plan)
        : stay({ ...state, plan })
    case 'running':
      return (!mine && facts.targetReady) || facts.evacuates
        ? to(state, 'releasing', now, { type: 'release', plan })
        : stay(state)
    case 'finished':
    case 'failed':
      return mine ? stay(state) : to({ ...state, error: undefined }, 'idle', now, null)
    case 'releasing':
      return stay(state)
  }
}

function hasEnded({ phase }: KeeperState): boolean {
  return phase === 'finished' || phase === 'failed'
}

/** What the shard has reported. */
export function report(state: KeeperState, event: KeeperEvent, now: number): KeeperState {
  switch (event.type) {
    case 'opened':
      return state.phase === 'warming' ? { ...state, opened: true } : state
    case 'loaded':
      return state.phase === 'warming' ? { ...state, phase: 'ready', since: now } : state
    case 'committed':
      return { ...state, checkpoint: event.checkpoint }
    case 'idle':
      return { ...state, idle: event.idle }
    case 'finished':
      return { ...state, phase: 'finished', since: now }
    case 'stopped':
      return { ...state, phase: 'idle', since: now }
    case 'replaced':
      return { ...state, phase: 'idle', since: now, notBefore: now + pause }
    case 'failed':
      return { ...state, phase: 'failed', since: now, error: event.error }
  }
}

function stay(state: KeeperState): KeeperStep {
  return { state, command: null }
}

function to(
  state: KeeperState,
  phase: KeeperPhase,
  since: number,
  command: KeeperCommand | null,
  plan = state.plan,
): KeeperStep {
  return { state: { ...state, phase, since, plan, opened: false }, command }
}
