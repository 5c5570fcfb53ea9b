/**
 * Performs the commands of the coordinator, a pure reducer, and reports their outcome:
 *
 *     trigger n -> the feeds emit barrier n, the outputs answer with Committables -> prepared n
 *     store n   -> the snapshot goes into the storage                             -> stored n
 *     commit n  -> the ledger entry, inside the output transaction                -> committed n
 */
import { fold } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { AttemptContext } from '../attempt.ts'
import type { HeldBarrier } from '../backPressure.ts'
import { type Command, type CoordinatorEvent, initialState, step } from '../checkpoint/coordinator.ts'
import type { CheckpointSettings } from '../checkpoint/settings.ts'
import { deadline } from '../clock.ts'
import { RetriableError, type RxweftError } from '../errors.ts'
import type { CheckpointPhases } from '../metrics/channels.ts'
import type { CheckpointId } from '../record.ts'
import type { Committable } from '../sinks/sink.ts'
import type { Completion, StoredCheckpoint } from './completion.ts'
import type { JobEvent } from './events.ts'

export interface Checkpointing {
  /**
   * Starts taking checkpoints; `last` is the one restored. `soon`: the first one does not wait for
   * the interval.
   */
  start(last: CheckpointId, soon: boolean): void
  /** Something may have happened since the last barrier; cheap. */
  active(): void
  /** Takes a Committable emitted by an output. */
  collect(committable: Committable): void
  /** All bounded sources have finished: takes a final checkpoint, then finishes. */
  exhausted(): void
  /** Takes a final checkpoint on request, then finishes. */
  stop(): void
}

export interface CheckpointingParts {
  readonly attempt: AttemptContext
  readonly settings: CheckpointSettings
  readonly completion: Completion
  readonly outputs: number
  readonly tell: (event: JobEvent) => void
  /** Whether nothing has happened since the last barrier. */
  readonly isIdle: () => boolean
  /** Emits the barrier; after the final one the elements complete. */
  readonly trigger: (checkpoint: CheckpointId, final: boolean) => void
  readonly finish: (last: CheckpointId) => void
}

/** Checkpoint in progress, with what it has gathered so far. */
interface Underway {
  readonly triggeredAt: number
  readonly committables: Committable[]
  /** Timer at half of the timeout. */
  readonly slow: unknown
  /** When all outputs were prepared, and when the snapshot was stored. */
  preparedAt: number
  storedAt: number
  stored?: StoredCheckpoint
}

export function checkpointing(parts: CheckpointingParts): Checkpointing {
  const { attempt, tell } = parts
  const underway = new Map<CheckpointId, Underway>()
  const now = (): number => attempt.clock.monotonic()
  let state = initialState(parts.settings)
  let timer: unknown
  /** Whether the last checkpoint was skipped. */
  let resting = false
  let cancelTimeout = (): void => undefined

  const dispatch = (event: CoordinatorEvent): void => {
    if (attempt.signal.aborted) return
    try {
      const next = step(state, event)
      state = next.state
      for (const command of next.commands) perform(command)
    } catch (thrown) {
      // The callers are timers and outputs, which would not catch it.
      attempt.fail(thrown)
    }
  }

  function perform(command: Command): void {
    switch (command.type) {
      case 'trigger':
        return trigger(command.checkpoint, command.final, command.optional)
      case 'store':
        return store(command.checkpoint)
      case 'commit':
        return commit(command.checkpoint)
      case 'wake':
        return wake(command.at)
      case 'fail':
        return failed(naming(command.error), command.error.where.checkpoint)
      case 'finish':
        return parts.finish(state.last)
    }
  }

  function trigger(checkpoint: CheckpointId, final: boolean, optional: boolean): void {
    if (optional && parts.isIdle()) return skip(checkpoint)
    resting = false
    const slow = attempt.clock.setTimeout(() => takesLong(checkpoint), parts.settings.timeout / 2)
    underway.set(checkpoint, { triggeredAt: now(), preparedAt: 0, storedAt: 0, committables: [], slow })
    tell({ type: 'checkpoint-triggered', checkpoint, final })
    parts.trigger(checkpoint, final)
  }

  function skip(checkpoint: CheckpointId): void {
    if (!resting) tell({ type: 'idle', checkpoint: checkpoint - 1 })
    resting = true
    dispatch({ type: 'skipped', checkpoint })
  }

  function store(checkpoint: CheckpointId): void {
    const { committables } = of(checkpoint)
    of(checkpoint).preparedAt = now()
    attempt.probe('prepared', checkpoint)
    run(checkpoint, parts.completion.store(committables), (stored) => {
      Object.assign(of(checkpoint), { stored, storedAt: now() })
      tell({ type: 'checkpoint-stored', checkpoint, bytes: stored.entry.snapshot?.bytes ?? 0 })
      dispatch({ type: 'stored', checkpoint })
    })
  }

  function commit(checkpoint: CheckpointId): void {
    run(checkpoint, parts.completion.decide(of(checkpoint).stored as StoredCheckpoint), (leftovers) => {
      const { slow, ...times } = of(checkpoint)
      attempt.clock.clearTimeout(slow)
      underway.delete(checkpoint)
      for (const error of leftovers) tell({ type: 'cleanup-failed', error })
      tell({ type: 'checkpoint-committed', checkpoint, ...durationsOf(times, now()) })
      dispatch({ type: 'committed', checkpoint, now: now() })
    })
  }

  /** Skips results that come after the end of the attempt: the next attempt reads the ledger. */
  function run<A>(checkpoint: CheckpointId, part: TaskEither<RxweftError, A>, then: (done: A) => void): void {
    const end = fold<RxweftError, A, void>((error) => failed(error, checkpoint), then)
    part()
      .then((done) => {
        if (!attempt.signal.aborted) end(done)
      })
      .catch(attempt.fail)
  }

  function failed(error: RxweftError, checkpoint: CheckpointId | undefined): void {
    if (checkpoint !== undefined) tell({ type: 'checkpoint-failed', checkpoint, error })
    attempt.fail(error)
  }

  function wake(at: number): void {
    attempt.clock.clearTimeout(timer)
    timer = attempt.clock.setTimeout(() => ring(at), Math.max(0, at - now()))
  }

  /**
   * Acknowledgements that arrived while the event loop was blocked are handled before the timeout.
   */
  function ring(at: number): void {
    const tick = (): CoordinatorEvent => ({ type: 'tick', now: now() })
    const overdue = step(state, tick()).commands.some(({ type }) => type === 'fail')
    if (!overdue) return dispatch(tick())
    cancelTimeout()
    cancelTimeout = deadline(attempt.clock, Math.min(now() - at, parts.settings.timeout), () => dispatch(tick()))
  }

  const of = (checkpoint: CheckpointId): Underway => underway.get(checkpoint) as Underway

  function takesLong(checkpoint: CheckpointId): void {
    const elapsed = Math.round(now() - of(checkpoint).triggeredAt)
    const { timeout } = parts.settings
    tell({ type: 'checkpoint-slow', checkpoint, elapsed, timeout, holding: attempt.barriers.held(checkpoint) })
  }

  /** Adds the operator in which the barrier waits. */
  function naming(error: RxweftError): RxweftError {
    const { checkpoint } = error.where
    if (error.code !== 'CHECKPOINT_TIMEOUT' || checkpoint === undefined) return error
    const [first, ...others] = attempt.barriers.held(checkpoint)
    return first === undefined ? error : heldUp(error, first, others)
  }

  attempt.signal.addEventListener('abort', () => {
    attempt.clock.clearTimeout(timer)
    cancelTimeout()
    for (const { slow } of underway.values()) attempt.clock.clearTimeout(slow)
  })

  return {
    start: (last, soon) => dispatch({ type: 'started', now: now(), last, soon }),
    active() {
      if (state.resting !== null) dispatch({ type: 'active', now: now() })
    },
    exhausted: () => dispatch({ type: 'exhausted', now: now() }),
    stop: () => dispatch({ type: 'stopRequested', now: now() }),
    collect(committable) {
      const { checkpoint } = committable
      if (underway.get(checkpoint)?.committables.push(committable) === parts.outputs) {
        dispatch({ type: 'prepared', checkpoint })
      }
    },
  }
}

function durationsOf(
  { triggeredAt, preparedAt, storedAt }: Pick<Underway, 'triggeredAt' | 'preparedAt' | 'storedAt'>,
  end: number,
): { readonly duration: number; readonly phases: CheckpointPhases } {
  const since = (start: number, until: number): number => Math.round(until - start)
  const phases = { barrier: since(triggeredAt, preparedAt), store: since(preparedAt, storedAt) }
  return { duration: since(triggeredAt, end), phases: { ...phases, commit: since(storedAt, end) } }
}

function heldUp(error: RxweftError, { operator, what }: HeldBarrier, others: readonly HeldBarrier[]): RxweftError {
  const also = others.length === 0 ? '' : `; it also waits in ${others.map((one) => one.operator).join(', ')}`
  return new RetriableError('CHECKPOINT_TIMEOUT', `${error.what}. The barrier waits in ${operator}: ${what}${also}`, {
    where: { ...error.where, operator },
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  })
}
