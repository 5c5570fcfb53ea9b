import { toError } from '../../errors.ts'
import type { Job } from '../../job/defineJob.ts'
import { nonEmptyText, required } from '../../optionRules.ts'
import { checkOptions, type OptionRules } from '../../options.ts'
import type { OperatorId } from '../../record.ts'
import { type SavedIn, savedCheckpoint, savedRules } from './savedCheckpoint.ts'
import { savedState } from './savedState.ts'
import { keysByOperator } from './stateDifferences.ts'

/** Options of `check`. */
export interface CheckOptions extends SavedIn {
  /** Name of the savepoint that this version would go on from. */
  readonly against: string
}

/** What stands between a version of a job and the state of production. */
export interface CheckReport {
  /** Errors with which the job would not start; empty if it would. */
  readonly problems: readonly string[]
  /** Keys with state that this version has decoded and migrated, by operator. */
  readonly state: readonly { readonly operator: OperatorId; readonly keys: number }[]
  /** Operators of this version whose state begins empty. */
  readonly begins: readonly OperatorId[]
}

const rules: OptionRules<CheckOptions> = { ...savedRules, against: required(nonEmptyText) }

/**
 * Checks that a version of a job can go on from a savepoint of production: ids of sources,
 * operators and sinks, and all state, decoded and migrated by the codecs of this version. Nothing
 * is written, and sources are not read.
 *
 * ```ts
 * expect((await check(next, { storage, against: 'before-v2' })).problems).toEqual([])
 * ```
 *
 * @throws BAD_OPTION if an option is wrong
 * @throws SAVEPOINT_MISSING, SHARD_MISSING if there is no such savepoint or shard
 */
export async function check(job: Job, options: CheckOptions): Promise<CheckReport> {
  checkOptions('check', options, rules, { where: { job: job.name } })
  const saved = await savedCheckpoint(job, options.against, options)
  const { checkpoint } = saved
  try {
    const keys = keysByOperator(savedState(job, saved))
    const known = [...keys].filter(([operator]) => checkpoint.entries.has(operator))
    return {
      problems: [],
      state: known.map(([operator, count]) => ({ operator, keys: count })),
      begins: [...keys.keys()].filter((operator) => !checkpoint.entries.has(operator)),
    }
  } catch (thrown) {
    return { problems: [toError(thrown).message], state: [], begins: [] }
  }
}
