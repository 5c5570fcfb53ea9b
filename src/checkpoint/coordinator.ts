/**
 * The checkpoint coordinator: when checkpoints start, in which order they commit, and when they
 * time out. A pure reducer: events in, commands out, time as an argument. The job runner owns
 * timers and promises.
 *
 *   started . . tick      prepared     stored        committed  . . tick
 *               trigger 1    store 1      commit 1                  trigger 2
 *               |--- preparing ---|-- storing --|-- committing --|
 *               |------------------- interval ----------------------|
 *
 * A checkpoint in which nothing has happened is skipped, except one each minute: that one finds out
 * whether a newer owner has replaced this one, and keeps transactional ids from expiring. After a
 * skip the coordinator rests until something happens, and goes on at the time at which the next
 * checkpoint would have been due without the rest.
 *
 * Snapshots may be stored concurrently; commits happen strictly in order, because the ledger entry
 * of n + 1 replaces that of n.
 */

import type { RxweftError } from '../errors.ts'
import type { CheckpointId } from '../record.ts'
import { outOfOrder, type Progress, timedOut } from './coordinatorErrors.ts'
import type { CheckpointSettings } from './settings.ts'

/** Events; `now` in ms. */
export type CoordinatorEvent =
  /**
   * The attempt runs. `last`: the checkpoint it resumed; 0 for genesis. `soon`: whether its first
   * checkpoint does not wait for the interval, since readers have waited for a hand-over.
   */
  | { readonly type: 'started'; readonly now: number; readonly last: CheckpointId; readonly soon?: boolean }
  /** The time set by `wake` has come. An early or late tick is harmless. */
  | { readonly type: 'tick'; readonly now: number }
  /** Nothing has happened since the last checkpoint: no barrier was emitted for this one. */
  | { readonly type: 'skipped'; readonly checkpoint: CheckpointId }
  /** Something has happened after a skipped checkpoint. Harmless at other times. */
  | { readonly type: 'active'; readonly now: number }
  /** The Committables of all sinks have arrived. */
  | { readonly type: 'prepared'; readonly checkpoint: CheckpointId }
  /** The snapshot is durable. */
  | { readonly type: 'stored'; readonly checkpoint: CheckpointId }
  /** The ledger names the checkpoint. */
  | { readonly type: 'committed'; readonly checkpoint: CheckpointId; readonly now: number }
  | { readonly type: 'failed'; readonly checkpoint: CheckpointId; readonly error: RxweftError }
  | { readonly type: 'stopRequested'; readonly now: number }
  /** All bounded sources have finished. */
  | { readonly type: 'exhausted'; readonly now: number }

/** Commands for the job runner. */
export type Command =
  /**
   * Emit barrier n; no barrier follows a final one. An optional one is skipped if nothing has
   * happened since the barrier before.
   */
  | {
      readonly type: 'trigger'
      readonly checkpoint: CheckpointId
      readonly final: boolean
      readonly optional: boolean
    }
  | { readonly type: 'store'; readonly checkpoint: CheckpointId }
  | { readonly type: 'commit'; readonly checkpoint: CheckpointId }
  /** Send a tick at this time, ms. There is one timer: a later wake replaces an earlier one. */
  | { readonly type: 'wake'; readonly at: number }
  /** End the attempt. */
  | { readonly type: 'fail'; readonly error: RxweftError }
  /** The final checkpoint is committed: complete. */
  | { readonly type: 'finish' }

interface Underway {
  readonly checkpoint: CheckpointId
  readonly triggeredAt: number
  readonly final: boolean
  readonly progress: Progress
}

export interface CoordinatorState {
  readonly settings: CheckpointSettings
  /** final: the final checkpoint is triggered, and no other will be. */
  readonly phase: 'idle' | 'running' | 'final' | 'ended'
  /** True if a final checkpoint is requested. */
  readonly stopping: boolean
  /** The last committed checkpoint. */
  readonly last: CheckpointId
  /** Triggered and uncommitted checkpoints, oldest first. */
  readonly underway: readonly Underway[]
  /** Earliest start of the next ordinary checkpoint, from interval and pause, ms. */
  readonly notBefore: number
  /** While resting: the same, as if something had happened; null: not resting. */
  readonly resting: number | null
  /** Time of the last commit of this attempt, ms; null before it. */
  readonly committedAt: number | null
  /** Time set on the timer. */
  readonly wakeAt: number | null
}

export interface Transition {
  readonly state: CoordinatorState
  readonly commands: readonly Command[]
}

type Started = Extract<CoordinatorEvent, { readonly type: 'started' }>

/** Time for the first records to arrive before a checkpoint that is taken soon, ms. */
const firstRecords = 20

/** Longest time between two commits if nothing happens, ms. */
export const longestPause = 60_000

export function initialState(settings: CheckpointSettings): CoordinatorState {
  return {
    settings,
    phase: 'idle',
    stopping: false,
    last: 0,
    underway: [],
    notBefore: 0,
    resting: null,
    committedAt: null,
    wakeAt: null,
  }
}

/**
 * Returns the next state and the commands to perform, in order. Nothing follows `fail` or `finish`.
 */
export function step(state: CoordinatorState, event: CoordinatorEvent): Transition {
  if (state.phase === 'ended') return { state, commands: [] }
  switch (event.type) {
    case 'started':
      return schedule(started(state, event), event.now)
    case 'tick':
      return schedule({ ...state, wakeAt: null }, event.now)
    case 'stopRequested':
    case 'exhausted':
      return schedule({ ...state, stopping: true }, event.now)
    case 'skipped':
      return skipped(state, event.checkpoint)
    case 'active':
      return active(state, event.now)
    case 'prepared':
      return progressed(state, event.checkpoint, 'preparing', 'storing', {
        type: 'store',
        checkpoint: event.checkpoint,
      })
    case 'stored':
      return andThen(progressed(state, event.checkpoint, 'storing', 'stored'), commitOldest)
    case 'committed':
      return committed(state, event.checkpoint, event.now)
    case 'failed':
      return fail(state, event.error)
  }
}

function started(state: CoordinatorState, { last, now, soon = false }: Started): CoordinatorState {
  const { interval } = state.settings
  return { ...state, phase: 'running', last, notBefore: now + (soon ? Math.min(interval, firstRecords) : interval) }
}

function skipped(state: CoordinatorState, checkpoint: CheckpointId): Transition {
  const youngest = state.underway.at(-1)
  if (youngest?.checkpoint !== checkpoint || youngest.final) return fail(state, outOfOrder(checkpoint, 'preparing'))
  return wake(rested({ ...state, underway: state.underway.slice(0, -1), resting: state.notBefore }))
}

/** While resting, the next checkpoint is the one that may not be skipped. */
function rested(state: CoordinatorState): CoordinatorState {
  const { resting, committedAt, settings } = state
  if (resting === null || committedAt === null) return state
  return { ...state, notBefore: inTurn(resting, committedAt + longestPause, settings) }
}

function active(state: CoordinatorState, now: number): Transition {
  const { resting, settings } = state
  return resting === null
    ? { state, commands: [] }
    : wake({ ...state, resting: null, notBefore: inTurn(resting, now, settings) })
}

/** First of `first`, `first` + interval, ... that is not before `time`. */
function inTurn(first: number, time: number, { interval }: CheckpointSettings): number {
  return first + Math.max(0, Math.ceil((time - first) / interval)) * interval
}

function progressed(
  state: CoordinatorState,
  checkpoint: CheckpointId,
  from: Progress,
  to: Progress,
  ...commands: readonly Command[]
): Transition {
  const at = state.underway.findIndex((one) => one.checkpoint === checkpoint && one.progress === from)
  const one = state.underway[at]
  if (one === undefined) return fail(state, outOfOrder(checkpoint, from))
  return { state: { ...state, underway: state.underway.with(at, { ...one, progress: to }) }, commands }
}

/** Only the oldest checkpoint may commit; a younger stored one waits. */
function commitOldest(state: CoordinatorState): Transition {
  const [oldest] = state.underway
  if (oldest?.progress !== 'stored') return { state, commands: [] }
  const { checkpoint } = oldest
  return progressed(state, checkpoint, 'stored', 'committing', { type: 'commit', checkpoint })
}

/** A commit acknowledged after its deadline but before the tick has happened all the same. */
function committed(state: CoordinatorState, checkpoint: CheckpointId, now: number): Transition {
  const [oldest, ...younger] = state.underway
  if (oldest?.checkpoint !== checkpoint || oldest.progress !== 'committing') {
    return fail(state, outOfOrder(checkpoint, 'committing'))
  }
  const paused = now + state.settings.minPause
  const resting = state.resting === null ? null : Math.max(state.resting, paused)
  const notBefore = Math.max(state.notBefore, paused)
  const next = rested({ ...state, last: checkpoint, underway: younger, notBefore, resting, committedAt: now })
  return oldest.final ? { state: { ...next, phase: 'ended' }, commands: [{ type: 'finish' }] } : schedule(next, now)
}

/** Performs what is due now. Timeouts come first, so that nothing commits after one. */
function schedule(state: CoordinatorState, now: number): Transition {
  if (state.phase === 'idle') return { state, commands: [] }
  const overdue = state.underway.find((one) => now >= deadline(state, one))
  if (overdue !== undefined) return fail(state, timedOut(state.settings, overdue))
  return andThen(commitOldest(state), (next) => {
    const due = next.stopping || now >= next.notBefore
    return mayStart(next) && due ? trigger(next, now) : wake(next)
  })
}

function mayStart({ phase, underway, settings }: CoordinatorState): boolean {
  return phase === 'running' && underway.length < settings.maxConcurrent
}

/**
 * The timer is set before the trigger, since performing the trigger may cause the next event at
 * once.
 */
function trigger(state: CoordinatorState, now: number): Transition {
  const final = state.stopping
  const checkpoint = state.last + state.underway.length + 1
  const one: Underway = { checkpoint, triggeredAt: now, final, progress: 'preparing' }
  const phase = final ? 'final' : 'running'
  const notBefore = now + state.settings.interval
  const next = wake({ ...state, phase, underway: [...state.underway, one], notBefore, resting: null })
  const optional = !final && state.committedAt !== null && now - state.committedAt < longestPause
  return { state: next.state, commands: [...next.commands, { type: 'trigger', checkpoint, final, optional }] }
}

/** Sets the timer to the next deadline or start, if that has changed. */
function wake(state: CoordinatorState): Transition {
  const deadlines = state.underway.map((one) => deadline(state, one))
  const at = Math.min(...deadlines, mayStart(state) ? state.notBefore : Infinity)
  if (at === state.wakeAt) return { state, commands: [] }
  return { state: { ...state, wakeAt: at }, commands: [{ type: 'wake', at }] }
}

function deadline({ settings }: CoordinatorState, one: Underway): number {
  return one.triggeredAt + settings.timeout
}

function fail(state: CoordinatorState, error: RxweftError): Transition {
  return { state: { ...state, phase: 'ended' }, commands: [{ type: 'fail', error }] }
}

function andThen({ state, commands }: Transition, next: (state: CoordinatorState) => Transition): Transition {
  if (state.phase === 'ended') return { state, commands }
  const after = next(state)
  return { state: after.state, commands: [...commands, ...after.commands] }
}
