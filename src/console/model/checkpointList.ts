/** The last checkpoints, put together from events. */
import type { WatchedEvent } from '../subject.ts'
import type { CheckpointView, Reason } from '../view.ts'

/** How many are kept. */
const most = 60

export interface CheckpointList {
  /** Returns whether anything has changed. */
  tell(event: WatchedEvent, now: number): boolean
  readonly all: readonly CheckpointView[]
}

export function checkpointList(): CheckpointList {
  let all: readonly CheckpointView[] = []

  function change(
    which: (one: CheckpointView) => boolean,
    into: (one: CheckpointView) => Partial<CheckpointView>,
  ): boolean {
    let changed = false
    all = all.map((one) => {
      if (!which(one)) return one
      changed = true
      return { ...one, ...into(one) }
    })
    return changed
  }

  return {
    get all() {
      return all
    },
    tell(event, now) {
      const { shard = 0 } = event
      const open = (one: CheckpointView): boolean => one.shard === shard && one.outcome === 'underway'
      const failed =
        (reason: Reason, outcome: 'failed' | 'lost' = 'failed') =>
        (one: CheckpointView) => ({
          ...{ outcome, reason, phase: null, duration: Math.max(0, now - one.triggered) },
        })
      switch (event.type) {
        case 'checkpoint-triggered':
          all = [...all, begun(shard, event.checkpoint, event.final, now)].slice(-most)
          return true
        case 'checkpoint-stored':
          return change(
            (one) => open(one) && one.number === event.checkpoint,
            () => ({ bytes: event.bytes, phase: 'commit', holding: [] }),
          )
        case 'checkpoint-slow':
          return change(
            (one) => open(one) && one.number === event.checkpoint,
            () => ({ holding: event.holding }),
          )
        case 'checkpoint-committed': {
          const { checkpoint, duration, phases } = event
          return change(
            (one) => open(one) && one.number === checkpoint,
            () => ({ outcome: 'committed', phase: null, holding: [], duration, phases }),
          )
        }
        case 'checkpoint-failed':
          return change((one) => open(one) && one.number === event.checkpoint, failed(event.error))
        // Checkpoints in progress end with their attempt.
        case 'restarting':
        case 'failed':
          return change(
            (one) => (event.shard === undefined && event.type === 'failed' ? isOpen(one) : open(one)),
            failed(event.error),
          )
        case 'process-ended':
          return change(isOpen, failed(event.error, 'lost'))
        // What is restored says which of the lost ones had been decided.
        case 'restored':
          return change(
            (one) => one.shard === shard && one.outcome === 'lost',
            (one) => (one.number <= event.checkpoint ? { outcome: 'committed', reason: null } : { outcome: 'failed' }),
          )
        default:
          return false
      }
    },
  }
}

function isOpen({ outcome }: CheckpointView): boolean {
  return outcome === 'underway'
}

function begun(shard: number, number: number, final: boolean, triggered: number): CheckpointView {
  return {
    ...{ shard, number, final, triggered, outcome: 'underway', phase: 'barrier', duration: null, phases: null },
    ...{ bytes: null, reason: null, holding: [] },
  }
}
