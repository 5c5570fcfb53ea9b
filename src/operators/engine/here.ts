import type { Observer } from 'rxjs'
import type { OnError, Services } from '../../attempt.ts'
import type { Barrier, Restore } from '../../element.ts'
import { FatalError } from '../../errors.ts'
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
}

/** @param onError policy of the operator; undefined: that of the job */
export function keptHere(
  operator: string,
  out: Pick<Observer<never>, 'error'>,
  onError: OnError | undefined,
): KeptHere {
  let services: Services | undefined
  let policy: OnError = 'fail'
  let checkpoint: CheckpointId = 1

  const end: KeptHere['end'] = (record, thrown, of = checkpoint) => {
    const error = failedIn(operator, record, thrown)
    if (services === undefined || !error.badRecord) return error
    return services.badRecords.take({ record, operator, checkpoint: of, error }, policy)
  }

  return {
    get services() {
      return restored(operator, services)
    },
    get checkpoint() {
      return checkpoint
    },
    begin(restore) {
      policy = restore.services.badRecords.policy(operator, onError)
      services = restore.services
      checkpoint = restore.checkpoint + 1
    },
    pass(barrier) {
      checkpoint = barrier.checkpoint + 1
    },
    refuse(record, thrown, of) {
      const error = end(record, thrown, of)
      if (error !== null) out.error(error)
    },
    end,
  }
}

/** Returns what the Restore has brought, when it is first needed. */
export function restored<S>(name: string, found: S | undefined): S {
  if (found !== undefined) return found
  throw new FatalError('NO_RESTORE', `${name} received an element before the Restore`, {
    where: { operator: name },
    hint: 'Begin the stream with a Restore; a marble picture begins with R',
  })
}
