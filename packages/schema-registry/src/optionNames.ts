import { FatalError } from 'rxweft'

/**
 * Refuses options that do not exist: a misspelt one would be ignored in silence.
 *
 * @param of the function whose options they are
 * @throws BAD_OPTION
 */
export function checkOptionNames<Options extends object>(
  of: string,
  given: Options,
  names: { readonly [name in keyof Required<Options>]: boolean },
): void {
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(names, name))
  if (unknown.length === 0) return
  const known = Object.keys(names).join(', ')
  const what = unknown.map((name) => `there is no option "${name}", but ${known}`).join('; ')
  throw new FatalError('BAD_OPTION', `${of}: ${what}`, { hint: `Correct the options of ${of}` })
}
