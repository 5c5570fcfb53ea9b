import type { CheckpointSettings } from '../checkpoint/settings.ts'
import { abortController, onAbort } from '../clock.ts'
import { deferred } from '../deferred.ts'
import type { Meter } from '../meter.ts'
import { type AttemptIdentity, attemptContext, type OwnedAttempt } from './attemptContext.ts'

export interface AttemptLife {
  readonly identity: AttemptIdentity
  readonly settings: CheckpointSettings
  readonly services: Pick<OwnedAttempt, 'clock' | 'probe' | 'badRecords' | 'tell' | 'readsInPart' | 'meters'>
  /** See attemptContext. Default: nobody counts. */
  readonly sinkMeter?: Meter
  /** Ends the attempt without an error. */
  readonly cancelling: AbortSignal
  /** See attemptContext. Default: never. */
  readonly timedOut?: () => boolean
}

/**
 * Runs one attempt until `run` has ended, or the attempt has failed or is cancelled; then closes
 * everything that it has opened. Rejects with its first failure.
 */
export async function withAttempt(
  { identity, settings, services, sinkMeter, cancelling, timedOut }: AttemptLife,
  run: (attempt: OwnedAttempt) => Promise<unknown>,
): Promise<void> {
  const ended = abortController()
  const failure = deferred()
  onAbort(cancelling, failure.resolve, ended.signal)
  const { signal } = ended
  const attempt = attemptContext(identity, settings, { ...services, signal, fail: failure.reject }, timedOut, sinkMeter)
  try {
    await Promise.race([run(attempt), failure.promise])
  } finally {
    ended.abort()
    await attempt.closeAll()
  }
}
