/** Event time of one source in one attempt: its watermarks, and which splits are idle or held. */
import type { Clock } from '../attempt.ts'
import { type Idle, type Watermark, watermark } from '../element.ts'
import type { Json, Split } from '../record.ts'
import type { AlignmentGroup } from './alignment.ts'
import { heldSplits } from './heldSplits.ts'
import { idleSplits } from './idleSplits.ts'
import { splitWatermarks } from './splitWatermarks.ts'
import { encodeWatermarks, type WatermarkState } from './watermarkState.ts'
import type { WatermarkStrategy } from './watermarks.ts'

export interface EventTime {
  /** A record was emitted: called for each, right after it. */
  passed(split: Split, timestamp: number): void
  /** A batch begins. */
  turn(): void
  /** A batch is over; these are all splits that a bounded source is through with. */
  settle(ended: readonly Split[]): void
  /** The splits that there are now: new ones count from now on, and hold the watermark back. */
  know(splits: readonly Split[]): void
  /** The source waits for the sinks. */
  pause(): void
  resume(): void
  /** Highest event time of each split; -Infinity before its first record. */
  reached(): WatermarkState['splits']
  /** For the snapshot. */
  state(): { readonly [name: string]: Json }
  /** No record comes any more. */
  stop(): void
}

export interface EventTimeParts {
  readonly strategy: WatermarkStrategy<never>
  readonly clock: Clock
  /** Where the strategy aligns. */
  readonly group: AlignmentGroup | undefined
  readonly restored: WatermarkState
  readonly splits: readonly Split[]
  readonly emit: (control: Watermark | Idle) => void
  /** Tells the reader, each time that others than before are to be held. */
  readonly hold: (held: (split: Split) => boolean) => void
}

/** Emits first the watermark that an earlier attempt had reached; from then on it only rises. */
export function eventTime(parts: EventTimeParts): EventTime {
  const { clock, group, restored, emit } = parts
  const { outOfOrderness = 0, idleness, alignment } = parts.strategy
  const marks = splitWatermarks(outOfOrderness, restored, emit, (one) => idle?.seen(one))
  const idle = idleness === undefined ? undefined : idleSplits(idleness, clock, marks, () => held?.moved())
  let through = 0

  if (restored.emitted > -Infinity) emit(watermark(restored.emitted))
  for (const split of parts.splits) marks.know(split)
  const held =
    alignment === undefined || group === undefined
      ? undefined
      : heldSplits(alignment.maxDrift, group, marks, parts.hold, (one) => idle?.seen(one))

  return {
    passed: marks.passed,
    turn: marks.turn,
    settle(ended) {
      for (const split of ended.slice(through)) marks.lowest.end(marks.know(split).input)
      through = ended.length
      held?.moved()
    },
    know(splits) {
      for (const split of splits) marks.know(split)
      held?.moved()
    },
    pause: () => idle?.pause(),
    resume: () => idle?.resume(),
    reached: () => marks.state().splits,
    state: () => encodeWatermarks(marks.state()),
    stop() {
      idle?.stop()
      held?.leave()
    },
  }
}
