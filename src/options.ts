/**
 * Names of options that do not exist. TypeScript refuses them where they are written in place;
 * JavaScript, and a spread, would ignore them.
 */

import { FatalError } from './errors.ts'

/** All options of a type by name: the compiler sees to it that none is missing. */
export function optionNames<Options>(
  names: { readonly [name in keyof Required<Options>]: boolean },
): readonly string[] {
  return Object.keys(names)
}

/**
 * One problem for each option that has no such name, as `there is no option "compresion", did you
 * mean "compression"`.
 */
export function unknownOptions(given: unknown, names: readonly string[]): readonly string[] {
  if (typeof given !== 'object' || given === null)
    return [`the options are ${given === null ? 'null' : `of type ${typeof given}`}`]
  return Object.keys(given)
    .filter((name) => !names.includes(name))
    .map((name) => {
      const meant = names.find((known) => areAlike(name, known))
      return `there is no option "${name}", ${meant === undefined ? `but ${names.join(', ')}` : `did you mean "${meant}"`}`
    })
}

/**
 * But for upper and lower case, and one letter that is missing, added, replaced or swapped with the
 * next one.
 */
function areAlike(name: string, known: string): boolean {
  const [one, other] = [name.toLowerCase(), known.toLowerCase()]
  let same = 0
  while (same < one.length && one[same] === other[same]) same++
  const [ofOne, ofOther] = [one.slice(same), other.slice(same)]
  const swapped = `${ofOne[1]}${ofOne[0]}${ofOne.slice(2)}`
  return [ofOne.slice(1), ofOne].includes(ofOther.slice(1)) || ofOne.slice(1) === ofOther || swapped === ofOther
}

/**
 * Throws where an option has a name that does not exist.
 *
 * @param of the function whose options they are
 */
export function checkOptionNames<Options>(
  of: string,
  given: Options,
  names: { readonly [name in keyof Required<Options>]: boolean },
): void {
  const problems = unknownOptions(given, Object.keys(names))
  if (problems.length > 0)
    throw new FatalError('BAD_OPTION', `${of}: ${problems.join('; ')}`, { hint: `Correct the options of ${of}` })
}

export interface OptionProblem {
  readonly what: string
  readonly hint: string
}

/** Throws one error for all problems, with the hint of each; none: returns. */
export function refuseOptions(problems: readonly OptionProblem[]): void {
  if (problems.length === 0) return
  const all = problems.map(({ what }) => what).join('; ')
  throw new FatalError('BAD_OPTION', all, { hint: [...new Set(problems.map(({ hint }) => hint))].join('. ') })
}
