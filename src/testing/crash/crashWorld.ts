/**
 * Parts that outlive the crashes of one run: log, storage, ledger and time; and the story of
 * events, for the picture.
 */
import type { Clock } from '../../attempt.ts'
import { memoryStorage } from '../../checkpoint/memoryStorage.ts'
import { storageLedger } from '../../checkpoint/storageLedger.ts'
import type { Ledger } from '../../contracts/ledger.ts'
import type { CheckpointStorage } from '../../contracts/storage.ts'
import type { JobEvent } from '../../job/events.ts'
import type { StreamRecord } from '../../record.ts'
import { type MemorySink, memorySink } from '../../sinks/memorySink.ts'
import { crashLedger, crashStorage } from './crashParts.ts'
import { crashRandom } from './crashRandom.ts'
import { type Crash, type CrashStage, crashStage } from './crashStage.ts'

/** Choices of the order of events, if several are possible. */
export interface CrashSchedule {
  readonly seed: number
  /** Partitions take turns from the last one on. */
  readonly backwards: boolean
}

export type CrashEvent =
  | { readonly kind: 'read'; readonly value: unknown }
  | { readonly kind: 'committed'; readonly sink: string; readonly records: readonly StreamRecord<unknown>[] }
  | { readonly kind: 'crash' }
  | { readonly kind: 'job'; readonly event: JobEvent }

/** Events with their time, virtual ms. */
export type CrashStory = readonly { readonly time: number; readonly event: CrashEvent }[]

export interface CrashWorld {
  readonly stage: CrashStage
  readonly schedule: CrashSchedule
  readonly ledger: Ledger
  readonly storage: CheckpointStorage
  readonly story: CrashStory
  /** By name, in the order in which the job has asked for them. */
  readonly sinks: ReadonlyMap<string, MemorySink<unknown>>
  sink(name: string): MemorySink<unknown>
  /** The process that runs now; its time goes on from that of the one before. */
  clock: Clock
  saw(event: CrashEvent): void
  /** How long until the next record of any source may be read, virtual ms. */
  nextRecord(): number
}

/** Average time between two records, virtual ms. */
export const recordInterval = 20

export function crashWorld(
  script: readonly Crash[],
  schedule: CrashSchedule,
  start: Clock,
  crashed: (crash: Crash) => void,
): CrashWorld {
  const random = crashRandom(schedule.seed)
  const story: { time: number; event: CrashEvent }[] = []
  const sinks = new Map<string, MemorySink<unknown>>()
  let slot = start.now()

  /**
   * Half of them come right after one another, so that some fall into every step of a checkpoint;
   * the others leave it time.
   */
  const gap = (): number => (random(2) === 0 ? random(4) : random(recordInterval * 4 - 4))

  const stage = crashStage(script, random, (crash) => {
    world.saw({ kind: 'crash' })
    crashed(crash)
  })
  const world: CrashWorld = {
    ...{ stage, schedule, story, sinks },
    ledger: crashLedger(stage, storageLedger(memoryStorage())),
    storage: crashStorage(stage, memoryStorage()),
    clock: start,
    sink(name) {
      const sink = sinks.get(name) ?? memorySink({ id: name })
      sinks.set(name, sink)
      return sink
    },
    saw: (event) => void story.push({ time: world.clock.now(), event }),
    nextRecord() {
      const now = world.clock.now()
      slot = Math.max(slot, now) + gap()
      return slot - now
    },
  }
  return world
}
