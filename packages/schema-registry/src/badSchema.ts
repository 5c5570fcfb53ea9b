import { FatalError } from 'rxweft'

/**
 * Makes something of the schema that the user has given. Throws Fatal BAD_SCHEMA where that cannot
 * be done.
 */
export function usable<S>(make: () => S): S {
  try {
    return make()
  } catch (thrown) {
    throw new FatalError(
      'BAD_SCHEMA',
      `the schema cannot be used: ${thrown instanceof Error ? thrown.message : thrown}`,
      {
        hint: 'Give a schema of the format of this codec, and what it refers to in `references`',
        cause: thrown,
      },
    )
  }
}
