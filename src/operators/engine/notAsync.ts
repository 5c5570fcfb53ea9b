import { FatalError } from '../../errors.ts'

/**
 * Returns what a user function has returned, unless that is a promise: it would be emitted, kept or
 * taken for true in place of its value, and lost as JSON. TypeScript refuses most of them.
 *
 * Called for each record: for a value that is not an object, `instanceof` is one comparison.
 */
export function notAsync<R>(operator: string, returned: R): R {
  if (returned instanceof Promise)
    throw asyncFunction(operator, returned, `a function of ${operator} returned a promise`)
  return returned
}

/** @param what where the promise was found */
export function asyncFunction(operator: string, promise: Promise<unknown>, what: string): FatalError {
  promise.catch(() => undefined)
  return new FatalError('ASYNC_FUNCTION', `${what}, and nothing waits for it`, {
    where: { operator },
    hint: 'Do asynchronous work in asyncMap: it waits for each result, and a barrier waits for it, too',
  })
}
