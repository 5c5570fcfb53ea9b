/**
 * Recovery of splits whose fetch failed: they rest, their leaders are looked up, and they are
 * fetched again.
 */

import type { AttemptContext } from '../../attempt.ts'
import { sleep } from '../../clock.ts'
import type { RxweftError } from '../../errors.ts'
import type { Split } from '../../record.ts'
import type { Leaders } from '../nodes/leaders.ts'
import { isPassing } from '../nodes/passing.ts'
import { patientSplits } from './patientSplits.ts'
import { sameTopic } from './sameTopic.ts'

export interface FetchRecovery<S> {
  /** Lets the split rest. Throws the error if its failures have lasted too long. */
  failed(split: S, error: RxweftError): void
  /** Counts a failure of a split whose fetch is still under way. Throws as `failed` does. */
  silent(split: S, error: RxweftError): void
  fine(split: S): void
  rests(split: S): boolean
  /** Looks up the leaders now. */
  lookUp(): Promise<void>
}

/** Longest pause before a lookup, ms. */
const longestPause = 250

const firstPause = 5

/** @param again called when rested splits may be fetched again */
export function fetchRecovery<S extends Split & { readonly topicId: string; readonly fetchOffset: number }>(
  attempt: Pick<AttemptContext, 'clock' | 'signal' | 'fail' | 'tell'>,
  leaders: Leaders,
  again: () => void,
): FetchRecovery<S> {
  const { clock, signal } = attempt
  const trouble = patientSplits<S>(attempt)
  const resting = new Map<S, RxweftError>()
  let pause = firstPause
  let under = false

  async function lookUp(final: boolean): Promise<void> {
    await (final ? leaders.survey() : leaders.refresh()).catch((error) => {
      if (!isPassing(error)) throw error
    })
  }

  async function recover(): Promise<void> {
    await sleep(clock, pause, signal)
    pause = Math.min(longestPause, pause * 2)
    const rested = new Map(resting)
    // An error that sounds final may come from a broker with old metadata, so several are asked.
    await lookUp([...rested.values()].some((error) => !isPassing(error)))
    for (const { topic, topicId, partition, fetchOffset: offset } of rested.keys()) {
      await sameTopic(attempt, leaders, { topic, topicId, partition, offset })
    }
    for (const split of rested.keys()) resting.delete(split)
  }

  function start(): void {
    if (under || signal.aborted) return
    under = true
    recover()
      .finally(() => {
        under = false
      })
      .then(() => {
        if (resting.size > 0) start()
        again()
      })
      .catch(attempt.fail)
  }

  return {
    failed(split, error) {
      trouble.failed(split, error)
      resting.set(split, error)
      start()
    },
    silent: trouble.failed,
    fine(split) {
      trouble.fine(split)
      if (trouble.size === 0) pause = firstPause
    },
    rests: (split) => resting.has(split),
    lookUp: () => lookUp(false),
  }
}
