import type { CheckpointMode } from '../attempt.ts'
import { milliseconds, oneOf } from '../optionRules.ts'
import { checkOptions, type OptionRules } from '../options.ts'

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

/** Rules of the settings. */
export const checkpointRules: OptionRules<Partial<CheckpointSettings>> = {
  mode: oneOf('exactly-once', 'at-least-once'),
  interval: milliseconds(1),
  minPause: milliseconds(0),
  timeout: milliseconds(1),
  maxConcurrent: oneOf(1, 2),
}

/**
 * Fills in the defaults.
 *
 * @throws BAD_OPTION, with all settings that are wrong
 */
export function checkpointSettings(given: Partial<CheckpointSettings>): CheckpointSettings {
  checkOptions('checkpointing', given, checkpointRules)
  const entries = Object.entries(given).filter(([, value]) => value !== undefined)
  return { ...defaultCheckpointSettings, ...Object.fromEntries(entries) }
}
