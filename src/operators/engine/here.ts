import type { Observer } from 'rxjs'
import type { OnError, Services } from '../../attempt.ts'
import type { Barrier, Restore } from '../../element.ts'
import { FatalError } from '../../errors.ts'
import { type Meter, newMeter } from '../../meter.ts'
import type { CheckpointId, StreamRecord } from '../../record.ts'
import { failedIn } from './failedIn.ts'

/** Context of an operator in one attempt, kept by the engine. */
export interface Here {
  /**
   * Services of the attempt, from the Restore on.
   *
   * @throws NO_RESTORE before it
   */
  readonly services: Services
  /** Checkpoint to which records belong now: n + 1 behind barrier n. */
  readonly checkpoint: CheckpointId
  /** Counts of the operator, for metrics. */
  readonly meter: Meter
  /**
   * Hands over a record that cannot be processed, as a throw in `record` does: `onError` decides
   * whether the attempt ends, or continues without the record. For what is found out later.
   *
   * @param checkpoint that of the record, if barriers have come since. Default: the current one.
   */
  refuse(record: StreamRecord<unknown>, thrown: unknown, checkpoint?: CheckpointId): void
}

/** The side of the engine. */
export interface KeptHere extends Here {
  /** The Restore has come, before the operator sees it. */
  begin(restore: Restore): void
  /** A barrier has come, before the operator sees it. */
  pass(barrier: Barrier): void
  /** As `refuse`. Returns null to continue, otherwise the error to end with. Never throws. */
  end(record: StreamRecord<unknown>, thrown: unknown, checkpoint?: CheckpointId): Error | null
  /**
   * Ends the attempt with an error, and returns it. The stream carries it too, but RxJS's
   * `catchError` and `retry` would swallow it there, and the record with it.
   */
  reported<E>(error: E): E
}

/**
 * @param onError policy of the operator; undefined: that of the job
 * @param kind whether it is the end of a pipeline
 */
export function keptHere(
  operator: string,
  out: Pick<Observer<never>, 'error'>,
  onError: OnError | undefined,
  kind: 'operator' | 'sink' = 'operator',
): KeptHere {
  let services: Services | undefined
  let policy: OnError = 'fail'
  let checkpoint: CheckpointId = 1
  let meter = newMeter()
  /** Checkpoint of the last barrier. */
  let passed: CheckpointId = 0

  const end: KeptHere['end'] = (record, thrown, of = checkpoint) => {
    const error = failedIn(operator, record, thrown)
    if (services === undefined || !error.badRecord) return error
    return services.badRecords.take({ record, operator, checkpoint: of, error }, policy)
  }

  const reported = <E>(error: E): E => {
    services?.fail?.(error)
    return error
  }

  return {
    get services() {
      return restored(operator, services)
    },
    get checkpoint() {
      return checkpoint
    },
    get meter() {
      return meter
    },
    begin(restore) {
      if (services !== undefined) throw notAligned(operator, 'a second Restore')
      policy = restore.services.badRecords.policy(operator, onError)
      services = restore.services
      meter = services.meters?.[kind](operator) ?? meter
      checkpoint = restore.checkpoint + 1
    },
    pass(barrier) {
      if (barrier.checkpoint === passed) throw notAligned(operator, `barrier ${barrier.checkpoint} twice`)
      passed = barrier.checkpoint
      checkpoint = barrier.checkpoint + 1
    },
    refuse(record, thrown, of) {
      const error = end(record, thrown, of)
      if (error !== null) out.error(reported(error))
    },
    end,
    reported,
  }
}

function notAligned(operator: string, what: string): FatalError {
  return new FatalError('NOT_ALIGNED', `${operator} received ${what}: its inputs are not aligned`, {
    where: { operator },
    hint: "RxJS's merge does not align barriers, so records would be lost or doubled after a crash: use merge of rxweft",
  })
}

/** Returns what the Restore has brought, when it is first needed. */
export function restored<S>(name: string, found: S | undefined): S {
  if (found !== undefined) return found
  throw new FatalError('NO_RESTORE', `${name} received an element before the Restore`, {
    where: { operator: name },
    hint: 'Begin the stream with a Restore; a marble picture begins with R',
  })
}
