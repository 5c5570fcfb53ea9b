/**
 * How many records one stage (a sink, an async operator) may hold, so that a barrier behind them
 * waits for about a second, however slow the stage and however long the backlog.
 *
 *   holds     1 2 4 8 16 32 ...      doubled each cycle, as long as they pass within latency + 1 s
 *   then      rate x (latency + 1 s)
 *
 * A cycle begins when a record arrives, and ends when as many records have left as were held then.
 * Its duration is latency plus queueing; the records that left meanwhile give the rate. The latency
 * is the shortest cycle; starting with one record measures it before there is a queue. So a stage
 * that takes long for each record, with many at once, is not mistaken for one with a long queue.
 *
 * Sources: Flink's buffer debloating (FLIP-183) for the goal; BBR (Cardwell et al., 2016) for
 * telling latency from queueing.
 */

export interface Pacing {
  /** Monotonic clock, ms. */
  readonly now: () => number
  /** How long a barrier may wait in a queue, ms; read once per cycle. */
  readonly queue: () => number
  /** If a stage takes longer than this for the records it holds, it gets no more on trial, ms. */
  readonly patience: number
}

export interface Pace {
  /** Records held now. */
  readonly held: number
  /** Records that may still be added; Infinity before the first one. */
  readonly room: number
  take(records: number): void
  give(records: number): void
  /** True if nothing should be added. Remembers the demand. */
  isFull(): boolean
}

/** Shortest duration of a cycle, ms: finer is noise. */
const tick = 0.1

/**
 * A latency longer than the allowed queue may itself be queueing. So once in this many cycles, half
 * as many records are held, which tells the two apart.
 */
const probeEvery = 8

/**
 * @param slots how many records the stage works on at once, if known; it may always hold that many.
 *   Default: starts with one.
 */
export function pace({ now, queue: longest, patience }: Pacing, slots?: number): Pace {
  const least = slots ?? 1
  let held = 0
  let given = 0
  let most = least
  let asked = false
  /** Total of returned records at which the cycle ends; Infinity if no cycle runs. */
  let end = Infinity
  let began = 0
  let givenBefore = 0
  let latency = Infinity
  let cycles = 0
  /** The last cycle, if `most` was lowered after it. */
  let fell: { readonly took: number; readonly passed: number } | null = null

  /**
   * Starts a cycle, only with a record that has just arrived: for older ones the start time is
   * unknown.
   */
  function begin(): void {
    end = given + held
    began = now()
    givenBefore = given
  }

  function finish(): void {
    const took = Math.max(tick, now() - began)
    const passed = given - givenBefore
    const queue = longest()
    // If fewer records were not faster, the time is not queueing. (If much slower, the stage itself
    // has changed.)
    const ratio = fell === null || passed > 0.6 * fell.passed ? 0 : took / fell.took
    latency = ratio > 0.75 && ratio < 1.25 ? took : Math.min(latency, took)
    const fit = Math.floor((passed / took) * (latency + queue))
    // Tries whether more records at once pass as fast, if there is demand and the stage is fast
    // enough.
    const onTrial = asked && slots === undefined && took <= 1.25 * latency && 2 * took <= patience
    const wanted = Math.max(least, onTrial ? 2 * most : Math.min(2 * most, fit))
    const probing = latency > queue && ++cycles % probeEvery === 0
    const next = probing ? Math.max(least, Math.ceil(wanted / 2)) : wanted
    fell = next < most ? { took, passed } : null
    most = next
    asked = false
  }

  return {
    get held() {
      return held
    },
    get room() {
      if (given === 0 && held === 0) return Infinity
      return Math.max(0, most - held)
    },
    take(records) {
      held += records
      if (end === Infinity) begin()
    },
    give(records) {
      held -= records
      given += records
      if (given < end) return
      end = Infinity
      finish()
    },
    isFull() {
      if (held < most) return false
      asked = true
      return true
    },
  }
}
