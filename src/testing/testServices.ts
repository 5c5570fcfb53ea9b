import type { BadRecord, CheckpointMode, OnError, Resource, Services } from '../attempt.ts'
import { createCredits } from '../credits.ts'
import { FatalError } from '../errors.ts'
import { barrierWatch } from '../job/barrierWatch.ts'
import { anObject, onErrorRule, oneOf, withMethods } from '../optionRules.ts'
import { checkOptions, type OptionRules } from '../options.ts'
import type { OperatorId } from '../record.ts'
import { keyedState } from '../state/store.ts'
import { type TestSnapshot, testStates } from './testStates.ts'
import { type VirtualClock, virtualClock } from './virtualClock.ts'

/** Services of an attempt, for tests: real credits, a virtual clock, lists of bad records. */
export interface TestServices extends Services {
  /** Clock, moved by the test. */
  readonly clock: VirtualClock
  /** Records skipped so far. */
  readonly skipped: readonly BadRecord[]
  /** Records that became dead letters so far. */
  readonly deadLetters: readonly BadRecord[]
  /** Operators that dropped a late record, once for each record. */
  readonly late: readonly OperatorId[]
}

/** Options of `testServices`. */
export interface TestServicesOptions {
  /**
   * Policy for bad records of operators without their own, as `onError` of a job. Default 'fail'.
   */
  readonly onError?: OnError
  /** Alignment of barriers where streams merge. Default 'exactly-once'. */
  readonly mode?: CheckpointMode
  /** Clock of the services. Default: a virtual clock that begins at 0. */
  readonly clock?: VirtualClock
  /** Writers for `to(sink)`, by sink, instead of opening the sinks. Default: none. */
  readonly writers?: ReadonlyMap<object, unknown>
  /** Snapshot from which keyed operators continue. Default: none. */
  readonly restoreFrom?: TestSnapshot | undefined
}

const rules: OptionRules<TestServicesOptions> = {
  onError: onErrorRule,
  mode: oneOf('exactly-once', 'at-least-once'),
  clock: anObject,
  writers: withMethods('a Map from sinks to writers', ['get']),
  restoreFrom: anObject,
}

/**
 * Makes the services that an attempt offers to operators, for tests.
 *
 * `opened` throws Fatal NOT_OPENED for a sink that is not in `writers`.
 */
export function testServices(options: TestServicesOptions = {}): TestServices {
  checkOptions('testServices', options, rules)
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
        throw new FatalError('NOT_OPENED', 'testServices has no writer for this sink', {
          hint: 'Pass testServices({ writers: new Map([[sink, writer]]) })',
        })
      }
      return writers.get(resource) as W
    },
  }
}
