/**
 * Counts the records in flight, so that sources wait while sinks and async operators hold too many:
 * too many for memory (`limit`), or for a barrier to pass them in time (pace.ts). `take` and `give`
 * run once per record: `take` adds to two numbers, of which the pace of the sinks learns on demand;
 * `give` looks for waiting sources only if there are any.
 */
import type { Credits, Stage } from './backPressure.ts'
import { FatalError } from './errors.ts'
import type { Meter } from './meter.ts'
import { type Pace, type Pacing, pace } from './pace.ts'

interface Waiting {
  readonly limit: number
  readonly go: () => void
  /** What counts the wait: the source, and the stage that it waits for. */
  readonly meters: readonly Meter[]
  /** Time up to which the wait is counted, ms. */
  since: number
}

/**
 * Counts the records in flight of one attempt. `give` throws Fatal CREDITS_NEGATIVE if more is
 * given back than was taken: a bug in a sink or an operator.
 *
 * @param pacing by default, only the limits count
 * @param sinkMeter counts the time for which sources wait for sinks
 */
export function createCredits(pacing?: Pacing, sinkMeter?: Meter): Credits {
  const stages: Pace[] = []
  const metered = new Map<Pace, Meter>()
  /** Credits without a stage of their own: those of sinks. */
  const sinks = paced(undefined, sinkMeter)
  let inFlight = 0
  /** Credits taken by sinks and not yet passed to `sinks`. */
  let taken = 0
  let waiting: Waiting[] = []
  const listeners: (() => void)[] = []

  function paced(slots?: number, meter?: Meter): Pace | null {
    if (pacing === undefined) return null
    const made = pace(pacing, slots)
    stages.push(made)
    if (meter !== undefined) metered.set(made, meter)
    return made
  }

  /** What a source waits for that begins to wait now: a full stage, or the one that holds most. */
  function culprit(): Meter | undefined {
    const [first] = [...metered.keys()].sort((a, b) => Number(b.isFull()) - Number(a.isFull()) || b.held - a.held)
    return first && metered.get(first)
  }

  const now = (): number => pacing?.now() ?? 0

  function count(wait: Waiting): void {
    const until = now()
    for (const meter of wait.meters) meter.blocked += until - wait.since
    wait.since = until
  }

  function tellSinks(): void {
    if (taken === 0) return
    sinks?.take(taken)
    taken = 0
  }

  /** Asks every stage, so that each remembers it. */
  function anyFull(): boolean {
    tellSinks()
    let full = false
    for (let at = 0; at < stages.length; at++) if ((stages[at] as Pace).isFull()) full = true
    return full
  }

  function wake(): void {
    if (waiting.length === 0) return
    const full = anyFull()
    const ready = full ? [] : waiting.filter(({ limit }) => inFlight < limit)
    if (ready.length > 0) waiting = waiting.filter(({ limit }) => inFlight >= limit)
    for (const wait of ready) {
      count(wait)
      wait.go()
    }
    if (starved()) for (const listener of listeners) listener()
  }

  function starved(): boolean {
    if (waiting.length === 0) return false
    tellSinks()
    return (sinks?.isFull() ?? false) || waiting.some(({ limit }) => inFlight >= limit)
  }

  function takeBack(records: number): void {
    if (records > inFlight) throw tooMany(records, inFlight)
    inFlight -= records
  }

  return {
    get inFlight() {
      return inFlight
    },
    take(records = 1) {
      inFlight += records
      taken += records
    },
    give(records = 1) {
      takeBack(records)
      tellSinks()
      sinks?.give(records)
      wake()
    },
    hold(records = 1) {
      inFlight += records
    },
    release(records = 1) {
      takeBack(records)
      wake()
    },
    stage(slots, meter): Stage {
      const made = paced(slots, meter)
      return {
        take: () => made?.take(1),
        give(records = 1) {
          made?.give(records)
          wake()
        },
      }
    },
    room(limit) {
      tellSinks()
      let room = limit - inFlight
      for (let at = 0; at < stages.length; at++) {
        const stage = stages[at] as Pace
        room = Math.min(room, stage.isFull() ? 0 : stage.room)
      }
      return Math.max(0, room)
    },
    below(limit, meter) {
      if (!anyFull() && inFlight < limit) return Promise.resolve()
      const meters = [meter, culprit()].filter((one) => one !== undefined)
      return new Promise((go) => {
        waiting.push({ limit, go, meters, since: now() })
        if (starved()) for (const listener of listeners) listener()
      })
    },
    get starved() {
      return starved()
    },
    onStarved: (listener) => void listeners.push(listener),
    measure() {
      tellSinks()
      for (const wait of waiting) count(wait)
      return new Map([...metered].map(([stage, meter]) => [meter, stage.held]))
    },
  }
}

function tooMany(given: number, inFlight: number): FatalError {
  return new FatalError(
    'CREDITS_NEGATIVE',
    `${given} credits were given back, but only ${inFlight} records were in flight`,
    {
      hint: 'A sink or operator gives a credit back twice: give one credit back for each record taken',
    },
  )
}
