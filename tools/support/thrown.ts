/** The error that a call throws or rejects with, so that a test can inspect it. */
import { RxweftError } from '../../src/errors.ts'

export function thrownBy(call: () => unknown): RxweftError {
  try {
    call()
  } catch (thrown) {
    if (thrown instanceof RxweftError) return thrown
    throw thrown
  }
  throw new Error('nothing was thrown')
}

export async function rejectionOf(promise: Promise<unknown>): Promise<RxweftError> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  return thrownBy(() => {
    if ('error' in outcome) throw outcome.error
  })
}

export function rejectionsOf(promises: readonly Promise<unknown>[]): Promise<readonly RxweftError[]> {
  return Promise.all(promises.map(rejectionOf))
}
