/** What an attempt would hand to the operators, for a test: real credits, a virtual clock, and the writers that the test gives. */

import type { BadRecord, CheckpointMode, OnError, Resource, Services } from '../attempt.ts'
import { createCredits } from '../credits.ts'
import { FatalError } from '../errors.ts'
import { barrierWatch } from '../job/barrierWatch.ts'
import type { OperatorId } from '../record.ts'
import { keyedState } from '../state/store.ts'
import { type TestSnapshot, testStates } from './testStates.ts'
import { type VirtualClock, virtualClock } from './virtualClock.ts'

export interface TestServices extends Services {
  readonly clock: VirtualClock
  /** The records that were skipped so far, and those that became dead letters. */
  readonly skipped: readonly BadRecord[]
  readonly deadLetters: readonly BadRecord[]
  /** The operators that have left out a late record, once for each. */
  readonly late: readonly OperatorId[]
}

export interface TestServicesOptions {
  /** What becomes of bad records where an operator does not say so itself: as `onError` of a job; default 'fail'. */
  readonly onError?: OnError
  /** Default 'exactly-once'. */
  readonly mode?: CheckpointMode
  readonly clock?: VirtualClock
  /** By sink: what `to(sink)` is to write with, instead of what the sink would open. */
  readonly writers?: ReadonlyMap<object, unknown>
  /** What operators with keyed state go on from; default: nothing. */
  readonly restoreFrom?: TestSnapshot | undefined
}

/** `opened` throws Fatal NOT_OPENED for a sink that is not among the writers. */
export function testServices(options: TestServicesOptions = {}): TestServices {
  const { mode = 'exactly-once', clock = virtualClock(), writers = new Map(), onError = 'fail' } = options
  const states = testStates(options.restoreFrom)
  const skipped: BadRecord[] = []
  const deadLetters: BadRecord[] = []
  const late: OperatorId[] = []
  return {
    mode,
    clock,
    credits: createCredits(),
    barriers: barrierWatch(),
    skipped,
    deadLetters,
    late,
    badRecords: {
      policy: (_, own) => own ?? onError,
      take(bad, policy) {
        if (policy === 'fail') return bad.error
        const kept = policy === 'skip' ? skipped : deadLetters
        kept.push(bad)
        return null
      },
      late: (operator) => void late.push(operator),
      passed: () => undefined,
    },
    opened<W>(resource: Resource<W>): W {
      if (resource === (keyedState as Resource<unknown>)) return states as W
      if (!writers.has(resource)) {
        throw new FatalError('NOT_OPENED', 'the test services have no writer for this sink', {
          hint: 'Pass testServices({ writers: new Map([[sink, writer]]) })',
        })
      }
      return writers.get(resource) as W
    },
  }
}
