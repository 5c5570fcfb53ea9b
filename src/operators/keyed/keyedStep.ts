/**
 * The base of every operator with keyed state, between operate.ts and the operator's own record
 * handler: it opens the state at the Restore, fires timers, and adds a snapshot to each barrier.
 *
 *     record     handlers.record
 *     watermark  event timers up to it, then the watermark itself
 *     barrier    the barrier, with the snapshot of this operator
 */
import type { Observer } from 'rxjs'
import type { Services } from '../../attempt.ts'
import { type StreamElement, withOperatorState } from '../../element.ts'
import { noKeySlots } from '../../keySlots.ts'
import type { Json, Key, OperatorId, StreamRecord } from '../../record.ts'
import { isKey } from '../../state/keys.ts'
import { proving } from '../../state/proving.ts'
import { keyedState, type OperatorStore } from '../../state/store.ts'
import { type Timers, timers } from '../../state/timers.ts'
import type { AlignedStep } from '../engine/align.ts'
import { failedIn } from '../engine/failedIn.ts'
import { type Here, restored } from '../engine/here.ts'
import type { Control } from '../engine/operate.ts'
import type { OperatorOptions } from '../engine/operatorOptions.ts'
import { sideStreams } from '../engine/sideStreams.ts'
import { atOnce, wholeRecords } from '../engine/wholeRecords.ts'
import type { AnySideOutput, SideReceiver } from '../sideOutput.ts'
import { type AlarmClock, alarmClock } from './alarmClock.ts'
import { decodeFloors, encodeFloors, type KeptFloors } from './floors.ts'
import { noKey } from './noKey.ts'

/** Options of operators with state. */
export interface StatefulOptions extends OperatorOptions {
  /** Id under which snapshots find the state: unique within the job, and never changed. */
  readonly id: OperatorId
}

/** Tools of the operator from the Restore on. */
export interface KeyedContext<K extends Key, R> {
  readonly out: Pick<Observer<StreamElement<R, K>>, 'next'>
  readonly store: OperatorStore
  readonly services: Services
  /** Highest watermark, of this run or an earlier one; -Infinity: none. */
  readonly watermark: number
  /**
   * The same, but for the end of the input, which is no time: should there be more after a restart,
   * it is not late, nor has state expired.
   */
  readonly watermarkToKeep: number
  /** Called back with `onEventTimer` and `onTimer`. */
  readonly eventTimers: Timers<K>
  readonly processingTimers: Timers<K>
  /** Returns a function that puts records into one of the operator's side outputs. */
  side<T>(output: SideReceiver<T, K>): (record: StreamRecord<T, K>) => void
  /** Counts a late record that is dropped. */
  late(): void
}

export interface KeyedHandlers<T, K extends Key> {
  /** `input`: which one, of operators with several. */
  record(record: StreamRecord<T, K>, input: number): void
  /** If present, receives the records of all inputs but the first, which then need no key. */
  broadcast?(record: StreamRecord<T>): void
  /** The watermark has reached `time`, or is about to. */
  onEventTimer?(time: number, key: K): void
  /**
   * The input has ended: timers up to the end of time fire next, those among them that are set
   * here.
   */
  onEnd?(): void
  /** The clock has reached `time`. */
  onProcessingTimer?(time: number, key: K): void
}

export type OpenKeyed<T, K extends Key, R> = (context: KeyedContext<K, R>) => KeyedHandlers<T, K>

/** @param sides side outputs that `open` will use; control elements go there, too */
export function keyedStep<T, K extends Key, R>(
  { id, onError }: StatefulOptions,
  sides: readonly AnySideOutput[],
  out: Observer<StreamElement<R, K>>,
  here: Here,
  open: OpenKeyed<T, K, R>,
): AlignedStep<T> {
  const side = sideStreams(id, sides)
  let whole = atOnce
  let handlers: KeyedHandlers<T, K> | undefined
  let context: (KeyedContext<K, R> & { watermark: number; watermarkToKeep: number }) | undefined
  let alarm: AlarmClock | undefined
  /** Null: no slot has come here from a shard that was ahead. */
  let kept: KeptFloors | null = null
  let keySlots = noKeySlots

  const everywhere = (element: Control): void => {
    out.next(element)
    side.pass(element)
  }
  const onProcessingTime = (now: number): void => {
    try {
      context?.processingTimers.fire(now, (time, key) => handlers?.onProcessingTimer?.(time, key))
      alarm?.set(context?.processingTimers.next ?? Infinity)
    } catch (thrown) {
      // Nobody else would: the clock calls this.
      out.error(failedIn(id, null, thrown))
    }
  }

  const take = (record: StreamRecord<T>, input: number): void => {
    const { record: handle, broadcast } = restored(id, handlers)
    if (broadcast !== undefined && input > 0) broadcast(record)
    else if (isKey(record.key)) handle(record as StreamRecord<T, K>, input)
    else throw noKey(id, record, record.key, 'Put keyBy(...) before this operator')
  }

  /** Results of joins and windows have other places than their keys, so the key decides. */
  function floorOf({ key, split }: StreamRecord<T>, { floors, of }: KeptFloors): number | undefined {
    const slots = keySlots()
    return floors.get(slots === null || !isKey(key) ? split.partition % of : slots.slotOf(key))
  }

  /** Processes a record with the watermark that its slot has seen elsewhere. */
  function above(floor: number, record: StreamRecord<T>, input: number): void {
    const found = restored(id, context)
    const { watermark, watermarkToKeep } = found
    found.watermark = Math.max(watermark, floor)
    found.watermarkToKeep = Math.max(watermarkToKeep, floor)
    try {
      whole.process(() => take(record, input))
    } finally {
      found.watermark = watermark
      found.watermarkToKeep = watermarkToKeep
    }
  }

  function forgetReached(watermark: number): void {
    for (const [slot, floor] of kept?.floors ?? []) if (floor <= watermark) kept?.floors.delete(slot)
    if (kept?.floors.size === 0) kept = null
  }

  return {
    restore(restore) {
      const { services } = restore
      whole = services.badRecords.policy(id, onError) === 'fail' ? atOnce : wholeRecords()
      const { held, undoable, undoableTimers } = whole
      keySlots = restore.keySlots ?? noKeySlots
      const opened = services.opened(keyedState).open(id, keySlots)
      const store = services.provesState === true ? proving(opened, id) : opened
      const clock = alarmClock(services.clock, onProcessingTime)
      const processing = timers<K>(store, 'processing-timers', clock.set)
      const event = timers<K>(store, 'event-timers', () => undefined)
      alarm = clock
      const watermark = watermarkOf(restore.states.get(id))
      kept = decodeFloors(restore.states.get(id), id)
      context = {
        ...{ services, store: undoable(store), watermark, watermarkToKeep: watermark },
        out: { next: held((element) => out.next(element)) },
        side: (output) => held(side.into(output)),
        eventTimers: undoableTimers(event),
        processingTimers: undoableTimers(alarming(processing, clock)),
        late: () => services.badRecords.late(id, here.checkpoint),
      }
      handlers = open(context)
      everywhere(restore)
    },
    record(record, input) {
      const floor = kept === null ? undefined : floorOf(record, kept)
      if (floor !== undefined) above(floor, record, input)
      else if (whole === atOnce) take(record, input)
      else whole.process(() => take(record, input))
    },
    watermark(watermark) {
      const { timestamp } = watermark
      const found = restored(id, context)
      if (timestamp > found.watermark) found.watermark = timestamp
      // The end of the input is no time: should there be more after a restart, it is not late.
      if (timestamp < Infinity) found.watermarkToKeep = found.watermark
      if (kept !== null) forgetReached(found.watermarkToKeep)
      if (timestamp === Infinity) handlers?.onEnd?.()
      if (handlers?.onEventTimer) found.eventTimers.fire(timestamp, handlers.onEventTimer)
      everywhere(watermark)
    },
    idle: everywhere,
    barrier(barrier) {
      const { store, watermarkToKeep } = restored(id, context)
      const watermark = Number.isFinite(watermarkToKeep) ? watermarkToKeep : null
      const floors = kept === null ? {} : encodeFloors(kept.floors, kept.of)
      everywhere(withOperatorState(barrier, store.snapshot(barrier.checkpoint, { watermark, ...floors })))
    },
    complete() {
      alarm?.stop()
      out.complete()
      side.complete()
    },
    teardown() {
      alarm?.stop()
      side.release()
    },
  }
}

/** Timers that also set the clock. */
function alarming<K extends Key>(timers: Timers<K>, clock: AlarmClock): Timers<K> {
  return {
    set(time, key) {
      timers.set(time, key)
      clock.set(time)
    },
    delete: timers.delete,
    has: timers.has,
    get next() {
      return timers.next
    },
    fire: timers.fire,
  }
}

/** Watermark that `barrier` has stored. */
function watermarkOf(state: Json | undefined): number {
  const { watermark } = (state ?? {}) as { readonly watermark?: Json }
  return typeof watermark === 'number' ? watermark : -Infinity
}
