/**
 * Values of options: io-ts codecs, each named by what it allows, since the error message says so.
 */

import * as t from 'io-ts'
import { FatalError } from './errors.ts'
import { type OptionProblem, unknownOptions } from './options.ts'

/** The codec of each option. The compiler sees to it that no option is missing. */
export type Allowed<Options> = { readonly [name in keyof Required<Options>]: t.Mixed }

/** Allows the values that pass a test, and no others. */
export function allowed(name: string, is: (value: unknown) => boolean): t.Mixed {
  const guard = (value: unknown): value is unknown => is(value)
  const validate: t.Validate<unknown, unknown> = (value, context) =>
    is(value) ? t.success(value) : t.failure(value, context)
  return new t.Type(name, guard, validate, t.identity)
}

export function numberThat(name: string, is: (value: number) => boolean): t.Mixed {
  return allowed(name, (value) => typeof value === 'number' && is(value))
}

/** Allows undefined as well; the message stays the same. */
export function optional(codec: t.Mixed): t.Mixed {
  return allowed(codec.name, (value) => value === undefined || codec.is(value))
}

/** For options whose value is checked elsewhere. */
export const anything = allowed('anything', () => true)

/** The longest delay that setTimeout takes, ms (24 days): it fires at once when asked for more. */
export const longestDelay = 2 ** 31 - 1

/**
 * Delays of timers, 0 included. NaN fires at once as well: a failing job would restart without a
 * pause.
 */
export const timerDelay = numberThat(
  `a number of ms from 0 to ${longestDelay}`,
  (value) => value >= 0 && value <= longestDelay,
)

/** Counts that may be without limit. */
export const countOrInfinity = numberThat(
  'a whole number from 0, or Infinity',
  (value) => (Number.isInteger(value) && value >= 0) || value === Infinity,
)

/** Numbers of records in flight. */
export const recordsInFlight = numberThat('a number of records from 1', (value) => value >= 1)

export function wholeFrom(least: number, most = Infinity): t.Mixed {
  const name = most === Infinity ? `a whole number from ${least}` : `a whole number from ${least} to ${most}`
  return numberThat(name, (value) => Number.isInteger(value) && value >= least && value <= most)
}

/** One problem for each option whose value is not allowed. */
export function optionValueProblems<Options>(given: Options, codecs: Allowed<Options>): readonly OptionProblem[] {
  return (Object.entries(codecs) as [keyof Options & string, t.Mixed][]).flatMap(([name, codec]) => {
    const value = given[name]
    if (codec.is(value)) return []
    return [{ what: `${name} is ${shown(value)}`, hint: `Allowed for ${name}: ${codec.name}` }]
  })
}

/**
 * Checks the names and the values of options. One error lists everything that is wrong.
 *
 * @param of the function whose options they are
 * @throws BAD_OPTION
 */
export function checkOptions<Options>(of: string, given: Options, codecs: Allowed<Options>): void {
  const names = unknownOptions(given, Object.keys(codecs)).map((what) => ({
    what,
    hint: `Correct the options of ${of}`,
  }))
  const isObject = typeof given === 'object' && given !== null
  const problems = [...names, ...(isObject ? optionValueProblems(given, codecs) : [])]
  if (problems.length === 0) return
  throw new FatalError('BAD_OPTION', `${of}: ${problems.map(({ what }) => what).join('; ')}`, {
    hint: [...new Set(problems.map(({ hint }) => hint))].join('. '),
  })
}

/** Without the contents of objects, which may hold what nobody should read in a log. */
function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'function' ? 'a function' : String(value)
}
