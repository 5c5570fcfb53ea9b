/**
 * Plain errors of the parts of a job: sources, sinks, ledgers, state backends and storages, which
 * users write themselves. Most are those of a network or a disk, and pass.
 */
import { RetriableError, RxweftError, toError } from './errors.ts'

/** Id of a source or sink, place of a ledger or storage; a state backend has neither. */
export function partName(part: object): string {
  const { id, place } = part as { readonly id?: unknown; readonly place?: unknown }
  return String(id ?? place ?? 'the state')
}

/**
 * Turns a plain error of a part into Retriable PART_FAILED. Leaves errors of rxweft as they are,
 * and mistakes in the program of the part, which end the job.
 *
 * @param part as `partName` takes it
 * @param call method that failed
 */
export function partFailed(part: object, call: string, thrown: unknown): unknown {
  if (thrown instanceof RxweftError || isMistake(thrown)) return thrown
  const cause = toError(thrown)
  return new RetriableError('PART_FAILED', `${call} of ${partName(part)} failed: ${cause.message}`, {
    ...('id' in part ? { where: { operator: partName(part) } } : {}),
    hint: 'The restart strategy decides about the next attempt. For a failure that no restart can cure, throw a FatalError',
    cause,
  })
}

/** Calls a method of a part. */
export async function calling<A>(part: object, call: string, run: () => Promise<A> | A): Promise<A> {
  try {
    return await run()
  } catch (thrown) {
    throw partFailed(part, call, thrown)
  }
}

/** `fetch` rejects with a TypeError if it cannot reach a service, but that one has a cause. */
function isMistake(thrown: unknown): boolean {
  const kinds = [TypeError, RangeError, ReferenceError]
  return kinds.some((kind) => thrown instanceof kind && thrown.cause === undefined)
}
