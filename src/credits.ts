/**
 * Counts the records in flight, so that sources wait while sinks and async operators still hold too many. `take` and `give` run
 * once a record: they touch one number, and look for who waits only where someone does.
 */
import type { Credits } from './element.ts'
import { FatalError } from './errors.ts'

interface Waiting {
  readonly limit: number
  readonly go: () => void
}

/** One per attempt. `give` throws Fatal CREDITS_NEGATIVE where more is given back than was taken: a bug in a sink or an operator. */
export function createCredits(): Credits {
  let inFlight = 0
  let waiting: Waiting[] = []
  const listeners: (() => void)[] = []

  const wake = (): void => {
    const ready = waiting.filter(({ limit }) => inFlight < limit)
    waiting = waiting.filter(({ limit }) => inFlight >= limit)
    for (const { go } of ready) go()
  }

  return {
    get inFlight() {
      return inFlight
    },
    take(records = 1) {
      inFlight += records
    },
    give(records = 1) {
      if (records > inFlight) throw tooMany(records, inFlight)
      inFlight -= records
      if (waiting.length > 0) wake()
    },
    below(limit) {
      if (inFlight < limit) return Promise.resolve()
      return new Promise((go) => {
        waiting.push({ limit, go })
        for (const listener of listeners) listener()
      })
    },
    get starved() {
      return waiting.length > 0
    },
    onStarved: (listener) => void listeners.push(listener),
  }
}

function tooMany(given: number, inFlight: number): FatalError {
  return new FatalError('CREDITS_NEGATIVE', `${given} records were given back and only ${inFlight} were in flight`, {
    hint: 'A sink or an operator gives a credit twice: give once for each record that was taken',
  })
}
