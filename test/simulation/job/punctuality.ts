/**
 * Whether an owner keeps its times, whatever happens to its clock: no checkpoint is given up before its timeout, and
 * none begins later than its interval and pause say.
 */
import type { JobEvent } from '../../../src/job/events.ts'
import type { SimulationConfig } from '../config.ts'
import type { Agenda } from '../core/agenda.ts'
import type { Process } from '../core/process.ts'

export interface Punctuality {
  saw(event: JobEvent): void
  readonly problems: readonly string[]
}

/** What an event may come early or late without anybody being to blame, ms. */
const slack = 5

/** How long an idle owner may go without a checkpoint, ms. */
const idlePause = 60_000

/** An attempt that has failed may take so long, ms, before it says so: it aborts what it has open first. */
const farewell = 700

export function punctuality(
  process: Process,
  agenda: Agenda,
  { interval, minPause, timeout }: Pick<SimulationConfig, 'interval' | 'minPause' | 'timeout'>,
): Punctuality {
  const problems: string[] = []
  const { monotonic } = process.clock
  /** By shard and checkpoint. */
  const triggered = new Map<string, number>()
  /** Shards that have taken their last one. */
  const final = new Set<number>()
  /** Shards in which nothing happens. */
  const idle = new Set<number>()
  /** By shard: how many events that begin or end the wait for a checkpoint there have been. */
  const turns = new Map<number, number>()

  function turn(shard: number): number {
    const next = (turns.get(shard) ?? 0) + 1
    turns.set(shard, next)
    return next
  }

  /** The next checkpoint must be triggered, or the attempt be over, before so much time has passed. */
  function expectOne(shard: number): void {
    const most = idle.has(shard) ? idlePause + interval : Math.max(interval, minPause)
    const [since, mine] = [agenda.now(), turn(shard)]
    // A clock that is a twentieth too slow or too fast is one that we allow.
    agenda.after(Math.ceil(most * 1.06) + slack + farewell, () => {
      const ran = process.state === 'running' && process.runningSince <= since
      if (ran && turns.get(shard) === mine) problems.push(`${process.name} takes no checkpoint for ${most} ms`)
    })
  }

  return {
    problems,
    saw(event) {
      const { shard = 0 } = event
      if (event.type === 'checkpoint-triggered') {
        turn(shard)
        idle.delete(shard)
        if (event.final) final.add(shard)
        triggered.set(`${shard}/${event.checkpoint}`, monotonic())
      } else if (event.type === 'checkpoint-committed') {
        if (!final.has(shard)) expectOne(shard)
      } else if (event.type === 'idle') {
        idle.add(shard)
        expectOne(shard)
      } else if (event.type === 'checkpoint-failed' && event.error.code === 'CHECKPOINT_TIMEOUT') {
        const took = monotonic() - (triggered.get(`${shard}/${event.checkpoint}`) ?? 0)
        if (took < timeout - slack) problems.push(`${process.name} gave a checkpoint up after ${took} ms of ${timeout}`)
      } else if (event.type === 'failed') {
        // Of the whole job, whichever shard it was.
        for (const one of [shard, ...turns.keys()]) turn(one)
      } else if (event.type === 'restarting' || event.type === 'started') {
        turn(shard)
        idle.delete(shard)
        final.delete(shard)
      }
    },
  }
}
