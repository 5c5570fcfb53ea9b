/**
 * Counts the records that a job drops, by checkpoint, and reports the first that each operator has
 * skipped: none vanishes silently.
 */
import type { BadRecord } from '../../attempt.ts'
import type { Meters } from '../../meter.ts'
import type { CheckpointId, OperatorId } from '../../record.ts'
import type { JobEvent } from '../events.ts'

type Counted = 'skipped' | 'deadLetters'

interface Counts {
  skipped: number
  deadLetters: number
  /** By operator. */
  readonly late: Map<OperatorId, number>
}

export interface BadRecordCounts {
  add(bad: BadRecord, as: Counted): void
  late(operator: OperatorId, checkpoint: CheckpointId): void
  /**
   * Emits the counts up to this checkpoint that were not emitted yet. Uncommitted ones are never
   * emitted, since their records are read again.
   */
  committed(checkpoint: CheckpointId): void
}

export function badRecordCounts(tell: (event: JobEvent) => void, meters?: Pick<Meters, 'dropped'>): BadRecordCounts {
  const counts = new Map<CheckpointId, Counts>()
  const told = new Set<OperatorId>()

  const of = (checkpoint: CheckpointId): Counts => {
    const known = counts.get(checkpoint)
    if (known !== undefined) return known
    const fresh: Counts = { skipped: 0, deadLetters: 0, late: new Map() }
    counts.set(checkpoint, fresh)
    return fresh
  }

  return {
    add({ checkpoint, operator, error }, as) {
      of(checkpoint)[as] += 1
      if (meters !== undefined) meters.dropped(operator)[as] += 1
      if (as !== 'skipped' || told.has(operator)) return
      told.add(operator)
      tell({ type: 'record-skipped', operator, error })
    },
    late(operator, checkpoint) {
      const { late } = of(checkpoint)
      if (meters !== undefined) meters.dropped(operator).late += 1
      late.set(operator, (late.get(operator) ?? 0) + 1)
    },
    committed(checkpoint) {
      for (const [counted, { skipped, deadLetters, late }] of counts) {
        if (counted > checkpoint) continue
        counts.delete(counted)
        if (skipped + deadLetters > 0) tell({ type: 'bad-records', checkpoint: counted, skipped, deadLetters })
        if (late.size > 0) tell({ type: 'late-records', checkpoint: counted, operators: Object.fromEntries(late) })
      }
    },
  }
}
