/** The keyed state of a savepoint, decoded and migrated by a version of the job. */
import type { Job } from '../../job/defineJob.ts'
import type { OpenTable } from '../../state/openTables.ts'
import { jobDriver } from '../job/jobDriver.ts'
import { virtualClock } from '../virtualClock.ts'
import type { SavedCheckpoint } from './savedCheckpoint.ts'

/** Throws what would refuse a start of this version. */
export function savedState(job: Job, { kept, checkpoint }: SavedCheckpoint): readonly OpenTable[] {
  return jobDriver(job, { clock: virtualClock(kept.takenAt), restoreFrom: checkpoint }).tables()
}
