/**
 * How many records one stage may hold (a sink, an async operator) so that a barrier behind them has
 * to wait for about a second, however slow the stage is and however long the backlog.
 *
 *   holds     1 2 4 8 16 32 ...      twice as many each round, as long as they pass within the latency plus a second
 *   then      rate x (latency + 1 s)
 *
 * A round begins with a record that comes, and is over when so many have been passed on as were
 * there then: how long that took is the latency and the queue together, and what has passed
 * meanwhile is the rate. Latency is what a round took at least: beginning with one record shows it
 * before there is a queue. So a stage that takes long for each record, and many at once, is not
 * mistaken for one with a long queue.
 *
 * Source: Flink's buffer debloating (FLIP-183) for the aim; BBR (Cardwell et al., 2016) for telling
 * latency from queue.
 */

export interface Pacing {
  /** ms of a clock that only rises */
  readonly now: () => number
  /** How long a barrier may wait in a queue, ms; asked with each round. */
  readonly queue: () => number
  /** A stage that takes longer than this for what it holds gets no more on trial, ms. */
  readonly patience: number
}

export interface Pace {
  /** What is held now. */
  readonly held: number
  /** How many more may come; Infinity: so far none has. */
  readonly room: number
  take(records: number): void
  give(records: number): void
  /** Nothing should be added. Remembers that somebody would have. */
  isFull(): boolean
}

/** The least that a round counts for, ms: finer is noise. */
const tick = 0.1

/**
 * A latency above the queue may be a queue that was mistaken for it: each so many rounds half as
 * many are held, which tells.
 */
const probeEvery = 8

/**
 * @param slots how many records the stage works on at once, where that is known: so many it may
 *   always hold. Without it, it begins with one
 */
export function pace({ now, queue: longest, patience }: Pacing, slots?: number): Pace {
  const least = slots ?? 1
  let held = 0
  let given = 0
  let most = least
  let asked = false
  /** The round ends when so many have been given in all; Infinity: there is none. */
  let end = Infinity
  let began = 0
  let givenBefore = 0
  let latency = Infinity
  let rounds = 0
  /** The last round, where `most` fell after it. */
  let fell: { readonly took: number; readonly passed: number } | null = null

  /** With a record that has just come: of those that are here longer it is not known how long. */
  function begin(): void {
    end = given + held
    began = now()
    givenBefore = given
  }

  function finish(): void {
    const took = Math.max(tick, now() - began)
    const passed = given - givenBefore
    const queue = longest()
    // Fewer were not any faster: so it is not a queue that takes the time. (Much slower: then it is
    // the stage that has changed.)
    const ratio = fell === null || passed > 0.6 * fell.passed ? 0 : took / fell.took
    latency = ratio > 0.75 && ratio < 1.25 ? took : Math.min(latency, took)
    const fit = Math.floor((passed / took) * (latency + queue))
    // Whether more at once would pass as fast is found out where it is asked for, if it may be.
    const onTrial = asked && slots === undefined && took <= 1.25 * latency && 2 * took <= patience
    const wanted = Math.max(least, onTrial ? 2 * most : Math.min(2 * most, fit))
    const probing = latency > queue && ++rounds % probeEvery === 0
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
