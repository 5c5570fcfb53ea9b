import { isRight } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { CheckpointMode } from '../attempt.ts'
import { FatalError } from '../errors.ts'

/** Settings of checkpointing. All times are whole ms. */
export interface CheckpointSettings {
  /**
   * Alignment of barriers where streams merge: `'exactly-once'` aligns them, `'at-least-once'` does
   * not wait and may process records twice after a failure. Default `'exactly-once'`.
   */
  readonly mode: CheckpointMode
  /** Time from the start of one checkpoint to the start of the next, ms. Default 5,000. */
  readonly interval: number
  /** Shortest time from the end of one checkpoint to the start of the next, ms. Default 0. */
  readonly minPause: number
  /** Longest duration of a checkpoint before the attempt fails, ms. Default 60,000. */
  readonly timeout: number
  /**
   * Number of checkpoints in progress at once, 1 or 2 (there are two transactional ids). Default 1.
   */
  readonly maxConcurrent: number
}

export const defaultCheckpointSettings: CheckpointSettings = {
  mode: 'exactly-once',
  interval: 5_000,
  minPause: 0,
  timeout: 60_000,
  maxConcurrent: 1,
}

/** Longest delay of setTimeout, ms (24 days): a longer one fires at once. */
const longestDelay = 2 ** 31 - 1

/** Each codec is named by what it allows, since the error message shows that name. */
const allowed: { readonly [name in keyof CheckpointSettings]: t.Mixed } = {
  mode: t.union([t.literal('exactly-once'), t.literal('at-least-once')], "'exactly-once' or 'at-least-once'"),
  interval: milliseconds(1),
  minPause: milliseconds(0),
  timeout: milliseconds(1),
  maxConcurrent: t.union([t.literal(1), t.literal(2)], '1 or 2'),
}

/**
 * The settings with defaults for what is left out. Throws Fatal BAD_OPTION, which lists every field
 * that is wrong.
 */
export function checkpointSettings(given: Partial<CheckpointSettings>): CheckpointSettings {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined)
  const problems = entries.flatMap(([name, value]) => problem(name, value) ?? [])
  if (problems.length > 0) {
    throw new FatalError('BAD_OPTION', `wrong checkpointing settings: ${problems.join('; ')}`, {
      hint: 'Correct the `checkpointing` options of the job',
    })
  }
  return { ...defaultCheckpointSettings, ...Object.fromEntries(entries) }
}

function problem(name: string, value: unknown): string | undefined {
  if (!Object.hasOwn(allowed, name)) return `${name} is not a setting; there are ${Object.keys(allowed).join(', ')}`
  const codec = allowed[name as keyof CheckpointSettings]
  return isRight(codec.decode(value)) ? undefined : `${name} is ${show(value)}, allowed is ${codec.name}`
}

function milliseconds(least: number): t.Mixed {
  const is = (value: unknown): value is number =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= longestDelay
  return new t.Type(
    `a whole number of ms from ${least} to ${longestDelay}`,
    is,
    (value, context) => (is(value) ? t.success(value) : t.failure(value, context)),
    t.identity,
  )
}

function show(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value)
}
