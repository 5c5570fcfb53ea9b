/**
 * Carries out a move of slots while the members of the job run:
 *
 *   open     the parts of the job, while the shards concerned take their final checkpoints
 *   wait     until nobody runs these shards
 *   prepare  their state for the receivers (prepareMove.ts)
 *   write    the plan and the entries, by compare-and-set on the newest plan
 *
 * The takeover of a shard that comes in between is found in step `write`, which fences the shards
 * and reads their entries last: then everything is prepared anew, in the next attempt.
 */
import { randomUUID } from 'node:crypto'
import { checkpointSettings } from '../../checkpoint/settings.ts'
import { watchedStorage } from '../../checkpoint/watchedStorage.ts'
import { sleep, steadyClock, systemClock } from '../../clock.ts'
import { isOvertaken, type Plan, type SlotMove } from '../../contracts/plan.ts'
import { versionOf } from '../change/jobChange.ts'
import type { Job } from '../defineJob.ts'
import type { JobEvent } from '../events.ts'
import type { ExecuteOptions } from '../executeOptions.ts'
import { historyMoved } from '../lineageCheck.ts'
import { storageReady } from '../openEnds.ts'
import { buildPipeline } from '../pipeline.ts'
import { plansOf } from '../planning.ts'
import { withAttempt } from '../withAttempt.ts'
import { openGround, prepareMove } from './prepareMove.ts'

export interface MovingParts {
  readonly signal: AbortSignal
  readonly tell: (event: JobEvent) => void
  /** Resolves once nobody runs the shards concerned. */
  readonly letGo: () => Promise<void>
  /** The plan after the move, to follow this one; null if that no longer asks for the move. */
  readonly next: (plan: Plan) => Plan | null
}

/**
 * Resolves once the slots have moved, or the newest plan no longer asks for that. Rejects with what
 * `prepareMove` rejects with, and with errors of the plan store.
 */
export type MoveSlots = (move: SlotMove, parts: MovingParts) => Promise<void>

const tries = 8

export function memberMove(job: Job, options: ExecuteOptions, me: string): MoveSlots {
  const settings = checkpointSettings(options.checkpointing ?? {})
  const { probe = () => undefined } = options
  const clock = steadyClock(options.clock ?? systemClock)

  return async (move, { signal, tell, letGo, next: nextOf }) => {
    const over = new AbortController()
    const storage = watchedStorage(options.storage, clock, tell, over.signal)
    const pipeline = buildPipeline(job, storage, move.shards)
    const identity = {
      ...{ job: job.name, shard: 0, shards: move.shards, execution: me, attempt: randomUUID() },
      ...versionOf(job),
    }
    const services = { clock, probe, badRecords: pipeline.badRecords, tell }
    try {
      await withAttempt({ identity, settings, services, cancelling: signal }, async (attempt) => {
        await storageReady(attempt, storage)
        const store = await attempt.openResource({ open: () => plansOf(pipeline.ledger, attempt) })
        const parts = { attempt, pipeline, storage, tell, store }
        const [ground] = await Promise.all([openGround(parts, move.slots), letGo()])
        const before = await store.read()
        if (before === null || nextOf(before) === null) return
        const { lineage, slots } = before
        const prepared = await prepareMove(parts, ground, { lineage, before: slots, after: move.slots })
        for (let left = tries; ; left--) {
          const plan = await store.read()
          const next = plan === null ? null : nextOf(plan)
          if (next === null) return
          if (next.lineage !== lineage) throw historyMoved(store.place)
          attempt.signal.throwIfAborted()
          try {
            return await store.write(
              next,
              prepared.entries(next, (shard) => next.owners[shard] ?? me),
            )
          } catch (thrown) {
            if (!isOvertaken(thrown) || left <= 1) throw thrown
            await sleep(clock, 50 * Math.random(), attempt.signal)
          }
        }
      })
    } finally {
      over.abort()
    }
  }
}
