import type { CheckpointMode } from '../element.ts'

/** When checkpoints are taken. All times in ms. */
export interface CheckpointSettings {
  /** exactly-once (default) aligns barriers where streams merge. */
  readonly mode: CheckpointMode
  /** From the start of one checkpoint to the start of the next; default 5,000. */
  readonly interval: number
  /** At least this long between the end of one and the start of the next; default 0. */
  readonly minPause: number
  /** A checkpoint that takes longer fails the attempt; default 60,000. */
  readonly timeout: number
  /** How many may be under way at once, 1 (default) or 2: two transactions in turn carry no more. */
  readonly maxConcurrent: number
}

export const defaultCheckpointSettings: CheckpointSettings = {
  mode: 'exactly-once',
  interval: 5_000,
  minPause: 0,
  timeout: 60_000,
  maxConcurrent: 1,
}
