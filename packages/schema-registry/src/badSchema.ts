import { FatalError } from 'rxweft'

/**
 * Runs a function on the schema given by the user.
 *
 * @throws BAD_SCHEMA if it throws
 */
export function usable<S>(make: () => S): S {
  try {
    return make()
  } catch (thrown) {
    throw new FatalError(
      'BAD_SCHEMA',
      `the schema cannot be used: ${thrown instanceof Error ? thrown.message : thrown}`,
      {
        hint: 'Give a schema in the format of this codec, and the schemas that it refers to in `references`',
        cause: thrown,
      },
    )
  }
}
