/** Keyed state of an attempt under test: filled from its checkpoint, and open to the test. */
import type { OperatorId } from '../../record.ts'
import { findOpen, noting, type OpenTable } from '../../state/openTables.ts'
import type { StateTables } from '../../state/store.ts'
import { type TestSnapshot, testStates } from '../testStates.ts'

export interface LiveStates {
  readonly backend: StateTables
  /** In the order in which they were opened. */
  readonly tables: readonly OpenTable[]
  /**
   * Called after the Restore: throws Fatal STATE_UNCLAIMED if the checkpoint has state of an
   * operator that the job lacks.
   */
  checkClaims(): void
}

export function liveStates(from: TestSnapshot | undefined, allowDropped: readonly OperatorId[] | boolean): LiveStates {
  const inner = testStates(from, allowDropped)
  const tables: OpenTable[] = []
  return {
    backend: noting(inner, tables),
    tables,
    checkClaims() {
      for (const [operator, blocks] of from?.entries ?? []) {
        if (blocks.length === 0 || !inner.claims(operator)) continue
        for (const block of blocks)
          if (findOpen(tables, operator, block.table) === undefined) inner.load(operator, block)
      }
    },
  }
}
