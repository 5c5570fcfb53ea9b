/** Tells how many records a job goes on without, by checkpoint, and of the first that each operator has skipped: none vanishes silently. */
import type { BadRecord, CheckpointId, OperatorId } from '../element.ts'
import type { JobEvent } from './events.ts'

interface Counts {
  skipped: number
  deadLetters: number
}

export interface BadRecordCounts {
  add(bad: BadRecord, as: keyof Counts): void
  /** Tells what was counted up to this checkpoint, and not yet told; of what is not committed nobody hears, since it is read again. */
  committed(checkpoint: CheckpointId): void
}

export function badRecordCounts(tell: (event: JobEvent) => void): BadRecordCounts {
  const counts = new Map<CheckpointId, Counts>()
  const told = new Set<OperatorId>()

  return {
    add({ checkpoint, operator, error }, as) {
      const count = counts.get(checkpoint) ?? { skipped: 0, deadLetters: 0 }
      count[as] += 1
      counts.set(checkpoint, count)
      if (as !== 'skipped' || told.has(operator)) return
      told.add(operator)
      tell({ type: 'record-skipped', operator, error })
    },
    committed(checkpoint) {
      for (const [counted, { skipped, deadLetters }] of counts) {
        if (counted > checkpoint) continue
        counts.delete(counted)
        tell({ type: 'bad-records', checkpoint: counted, skipped, deadLetters })
      }
    },
  }
}
