/**
 * Requests of this process to move slots, one at a time:
 *
 *   ask --> waits for the end of another move --> plan with `moving` --> moved, or given back
 *
 * The plan holds the request, so it is carried out even if this process is gone.
 */
import type { Plan } from '../../contracts/plan.ts'
import { type Deferred, deferred } from '../../deferred.ts'
import { requested, type WantedSlots } from '../../members/slotMoves.ts'
import { FatalError } from '../../openErrors.ts'
import { jobNotRunning } from '../jobHandle.ts'

export interface MoveRequests {
  /** Resolves when the slots have moved; rejects with what refuses that. */
  ask(wanted: (plan: Plan) => WantedSlots): Promise<void>
  /** The plan to be written for the request whose turn it is; null: none. */
  next(plan: Plan): Plan | null
  /** Takes each newer plan. */
  seen(plan: Plan): void
  /** The job ends here. */
  end(): void
}

interface Request {
  readonly wanted: (plan: Plan) => WantedSlots
  readonly done: Deferred<void>
  /** Number of the plan that holds it; undefined: none does. */
  number: number | undefined
}

/** @param changed called when there is something to write */
export function moveRequests(changed: () => void): MoveRequests {
  let waiting: Request[] = []
  let ended = false

  /** Whether this plan holds what is asked for, whoever has asked. */
  function holds({ moving, ...now }: Plan, { wanted }: Request): boolean {
    if (moving === undefined) return false
    const { slots, shards } = wanted({ ...now, owners: moving.owners })
    return shards === moving.shards && `${slots}` === `${moving.slots}`
  }

  function settle(request: Request, error?: Error): void {
    waiting = waiting.filter((one) => one !== request)
    if (error === undefined) request.done.resolve()
    else request.done.reject(error)
    changed()
  }

  return {
    ask(wanted) {
      const request: Request = { wanted, done: deferred(), number: undefined }
      if (ended) request.done.reject(jobNotRunning())
      else waiting.push(request)
      changed()
      return request.done.promise
    },
    next(plan) {
      const [first] = waiting
      if (first === undefined || first.number !== undefined || plan.moving !== undefined) return null
      const next = requested(plan, first.wanted(plan))
      if (next === null) settle(first)
      return next
    },
    seen(plan) {
      const [first] = waiting
      const { moving, moved } = plan
      if (first === undefined) return
      if (first.number === undefined && holds(plan, first)) first.number = moving?.request
      if (first.number === undefined || moved === undefined || moved.request < first.number) return
      settle(first, moved.request === first.number ? refusal(moved.error) : overtaken())
    },
    end() {
      ended = true
      for (const request of waiting) settle(request, jobNotRunning())
    },
  }
}

/** The error as the plan tells it, whoever has met it. */
function refusal(error: { readonly code: string; readonly message: string } | undefined): Error | undefined {
  return error && new FatalError(error.code, error.message)
}

function overtaken(): FatalError {
  return new FatalError('CANNOT_BE_RESCALED', 'another move of slots has come after this one, whose end was not seen', {
    hint: 'Look at the number of shards before you ask again',
  })
}
