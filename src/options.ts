/**
 * Checks option names. TypeScript refuses unknown ones in object literals; JavaScript, and spreads,
 * would ignore them.
 */

import { FatalError } from './errors.ts'

/** All option names of a type; the compiler ensures that none is missing. */
export function optionNames<Options>(
  names: { readonly [name in keyof Required<Options>]: boolean },
): readonly string[] {
  return Object.keys(names)
}

/**
 * One problem per unknown option, as `there is no option "compresion", did you mean "compression"`.
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
 * True if the names differ only in case, or by one letter: missing, added, replaced, or swapped
 * with the next.
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
 * Throws if an option has an unknown name.
 *
 * @param of function whose options they are
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

/** Throws one error for all problems, with the hint of each; returns if there are none. */
export function refuseOptions(problems: readonly OptionProblem[]): void {
  if (problems.length === 0) return
  const all = problems.map(({ what }) => what).join('; ')
  throw new FatalError('BAD_OPTION', all, { hint: [...new Set(problems.map(({ hint }) => hint))].join('. ') })
}
