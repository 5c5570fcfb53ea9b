/**
 * Puts one source into the pipeline: records with their event time, watermarks, and barriers. It
 * knows no reader and waits for nothing; pump.ts drives it from a reader, a test may by hand:
 *
 *     begin       R    then the watermark that an earlier attempt had reached
 *     emit        aW   the record, then the watermark, if that has risen
 *     barrier     1    with the position and the event time of the source
 *     exhausted   W    Infinity
 *
 * All elements are emitted synchronously in one thread, so a barrier falls between two batches,
 * exactly at the reader's position; and whether a record is late depends on the order of records,
 * not on the batches in which they were read.
 */

import type { Services } from '../attempt.ts'
import type { WatermarkMarker } from '../contracts/marker.ts'
import type { Emit, Hold, Refuse, Source } from '../contracts/source.ts'
import { barrier, type Idle, idle, type Restore, type Watermark, watermark, withState } from '../element.ts'
import { newMeter } from '../meter.ts'
import { type CheckpointId, type Split, type SplitOffset, type StreamRecord, streamRecord } from '../record.ts'
import type { Stream } from '../stream.ts'
import type { Alignment } from '../time/alignment.ts'
import { type EventTime, eventTime } from '../time/eventTime.ts'
import { decodeSlots } from '../time/slotState.ts'
import { type SlotWatermarks, slotWatermarks } from '../time/slotWatermarks.ts'
import { notAhead, timed } from '../time/timestamps.ts'
import { decodeWatermarks } from '../time/watermarkState.ts'
import type { MaxAhead, WatermarkStrategy } from '../time/watermarks.ts'
import { hotElements } from './hotElements.ts'

export interface Feed {
  readonly source: Source<unknown>
  readonly strategy: WatermarkStrategy<unknown>
  /** Whether each shard reads all splits; undefined: no, and the job does not say so. */
  readonly everywhere?: boolean | undefined
  /**
   * Stream returned by `from`: hot within the attempt, so that a source used twice is read once.
   */
  readonly elements: Stream<unknown>
  /** True if any branch has subscribed to the elements. */
  readonly isUsed: () => boolean
  /**
   * Emits Restore. Throws Corrupted WATERMARKS_DAMAGED.
   *
   * @param splits all current splits
   * @param hold receives the splits that may not be read now, if the strategy aligns splits
   */
  begin(restored: Restore, splits: readonly Split[], hold?: Hold): void
  /** Emits Restore alone, in a pipeline that will not run. */
  rehearse(restored: Restore): void
  /**
   * Called after `begin` if this shard has no split of the source: the source then holds back no
   * watermark.
   */
  idle(): void
  /** Emits a record; throws for a bad record that ends the job. */
  readonly emit: Emit<unknown>
  /** Takes a marker that the reader of a repartition topic has found. */
  mark(split: Split, marker: WatermarkMarker): void
  /** True once markers tell that no more records come from a repartition topic. */
  readonly isThrough: () => boolean
  /** Runs one batch: `drain` emits or refuses each of its records, synchronously. */
  batch(drain: (emit: Emit<unknown>, refuse: Refuse) => void): void
  /**
   * Ends a batch: holds splits that are too far ahead.
   *
   * @param ended all splits that a bounded source has finished so far
   */
  settle(ended?: readonly Split[]): void
  /** Highest event time of each split, ms; -Infinity before its first record. */
  reached(): readonly (Split & { readonly timestamp: number })[]
  /** While `done` is pending, the source is not read, so no split becomes idle. */
  waits(done: Promise<void>): Promise<void>
  /**
   * Emits barrier n with the position of the source.
   *
   * @param over true if all sources have ended: the next run begins with inputs that have not
   */
  barrier(checkpoint: CheckpointId, position: readonly SplitOffset[], over?: boolean): void
  /** Ends a bounded source. Barriers may follow. */
  exhausted(): void
  /** Stops records; none is emitted after this. */
  stop(): void
  readonly isStopped: () => boolean
  /** Completes the elements, after the final barrier. */
  complete(): void
}

/** What the markers of a repartition topic tell: event time and the end, or the end only. */
export type Markers = 'time' | 'end'

/**
 * @param groups alignment groups of the attempt
 * @param markers for a repartition topic; undefined: the source has no markers
 */
export function feed(
  source: Source<unknown>,
  strategy: WatermarkStrategy<unknown>,
  groups: Alignment,
  markers?: Markers,
): Feed {
  const { elements, isUsed, next, complete } = hotElements<unknown>()
  const { timestamps, outOfOrderness, alignment, maxAhead } = strategy
  let time: EventTime | undefined
  let slots: SlotWatermarks | undefined
  let timeOfDay = (): number => 0
  let refuse: Refuse = (_, error) => {
    throw error
  }
  let stopped = false
  let meter = newMeter()
  /** Records of the current batch. */
  let emitted = 0
  /** Checkpoint of the records emitted now. */
  let checkpoint: CheckpointId = 0

  const refusing = ({ badRecords }: Services): Refuse => {
    const policy = badRecords.policy(source.id, source.onError)
    return (record, error) => {
      const end = badRecords.take({ record, operator: source.id, checkpoint, error }, policy)
      if (end !== null) throw end
    }
  }

  /** Emits what tells the event time. */
  const tell = (control: Watermark | Idle): void => {
    if (control.kind === 'watermark') meter.watermark = control.timestamp
    next(control)
  }

  const untimed: Emit<unknown> = (value, timestamp, key, headers, split, offset) => {
    emitted += 1
    next(streamRecord(value, timestamp, key, headers, split, offset))
  }

  const withTime: Emit<unknown> = (value, timestamp, key, headers, split, offset) => {
    const read = streamRecord(value, timestamp, key, headers, split, offset)
    const found = timed(read, timestamps, source.id, refuse)
    if (found === null) return
    const record = maxAhead === undefined ? found : bounded(found, read, maxAhead)
    if (record === null) return
    emitted += 1
    next(record)
    time?.passed(split, record.timestamp)
  }

  /** @param read the record before it got its timestamp: a dead letter holds this one */
  const bounded = (found: StreamRecord<unknown>, read: StreamRecord<unknown>, limit: MaxAhead) => {
    const base = limit.of === 'clock' || read.timestamp < 0 ? timeOfDay() : read.timestamp
    return notAhead(found, base, limit, source.id, (_, error) => refuse(read, error))
  }

  /** Without a watermark strategy, event time costs nothing. */
  const take = timestamps === undefined && outOfOrderness === undefined && maxAhead === undefined ? untimed : withTime

  function batch(drain: (emit: Emit<unknown>, refuse: Refuse) => void): void {
    time?.turn()
    try {
      drain(take, refuse)
    } finally {
      meter.records += emitted
      emitted = 0
    }
  }

  function stop(): void {
    stopped = true
    time?.stop()
  }

  return {
    ...{ source, strategy, elements, isUsed, batch },
    begin(restored, splits, hold = () => undefined) {
      const { services, states } = restored
      timeOfDay = () => services.clock.now()
      meter = services.meters?.source(source.id) ?? meter
      const state = outOfOrderness === undefined ? undefined : decodeWatermarks(states.get(source.id), source.id)
      checkpoint = restored.checkpoint + 1
      refuse = refusing(services)
      const marked = markers === undefined ? undefined : decodeSlots(states.get(source.id), source.id)
      next(restored)
      if (marked !== undefined) slots = slotWatermarks(marked, splits, markers === 'time' ? tell : () => undefined)
      if (state === undefined) return
      const group = alignment && groups(alignment.group)
      time = eventTime({ strategy, clock: services.clock, group, restored: state, splits, emit: tell, hold })
    },
    rehearse: next,
    idle: () => next(idle),
    emit: (...record) => batch((emit) => emit(...record)),
    mark: (split, marker) => slots?.mark(split, marker),
    isThrough: () => slots?.ended ?? false,
    settle: (ended = []) => time?.settle(ended),
    reached: () => time?.reached() ?? [],
    async waits(done) {
      time?.pause()
      await done
      time?.resume()
    },
    barrier(passing, splits, over = false) {
      time?.know(splits)
      checkpoint = passing + 1
      const plain = barrier(passing, [{ source: source.id, splits }])
      const states = [slots?.state(over), time?.state()].filter((state) => state !== undefined)
      next(states.length === 0 ? plain : withState(plain, source.id, Object.assign({}, ...states)))
    },
    exhausted() {
      time?.stop()
      next(watermark(Infinity))
    },
    stop,
    isStopped: () => stopped,
    complete() {
      stop()
      complete()
    },
  }
}
