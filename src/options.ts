/**
 * Checks options, in one way for every function that takes any: a rule for each option, and one
 * error that lists all problems. TypeScript refuses wrong options where they are written in place;
 * JavaScript, and a spread, would not notice them.
 */
import { FatalError, type Where } from './errors.ts'

/** Rule of one option: an io-ts codec that is named by what it allows is one, too. */
export interface OptionRule {
  /** Allowed values, as "a whole number from 1". */
  readonly name: string
  /** Whether a value is allowed. Undefined is not asked for. */
  is(value: unknown): boolean
  /**
   * Whether the error shows a text that is not allowed. Default false: it may be a secret, or data.
   */
  readonly shown?: boolean
  /** Whether the option cannot be left out. Default false. */
  readonly required?: boolean
}

/**
 * Rules of all options of a type. The compiler wants a rule for each, and `required` where the
 * option cannot be left out.
 */
export type OptionRules<Options> = {
  readonly [Name in keyof Required<Options>]: Record<never, never> extends Pick<Options, Name>
    ? OptionRule
    : OptionRule & { readonly required: true }
}

/** Parts of the error of wrong options. */
export interface OptionDetail {
  /** Place of the error. Default: none. */
  readonly where?: Where
  /** Problems that concern several options. Default: none. */
  readonly problems?: readonly string[]
  /** Advice beside "Correct the options". Default: none. */
  readonly hint?: string
}

/**
 * Checks options, and throws one error that lists all problems, unknown names included.
 *
 * @param of name of the function that takes the options
 * @throws BAD_OPTION if there is a problem
 */
export function checkOptions<Options>(
  of: string,
  given: Options,
  rules: OptionRules<Options>,
  detail: OptionDetail = {},
): void {
  const problems = [...optionProblems(given, rules), ...(detail.problems ?? [])]
  if (problems.length > 0) throw badOptions(of, problems, detail)
}

/** One error for all problems of one call. */
export function badOptions(of: string, problems: readonly string[], { where, hint }: OptionDetail = {}): FatalError {
  return new FatalError('BAD_OPTION', `${of}: ${problems.join('; ')}`, {
    hint: `Correct the options of ${of}${hint === undefined ? '' : `. ${hint}`}`,
    ...(where === undefined ? {} : { where }),
  })
}

/**
 * Returns one text for each option that is unknown, missing or not allowed.
 *
 * @param prefix of the names, as "retry."
 */
export function optionProblems<Options>(given: Options, rules: OptionRules<Options>, prefix = ''): readonly string[] {
  if (typeof given !== 'object' || given === null) {
    const wanted = 'id' in rules && prefix === '' ? ', such as { id: "counts" }' : ''
    return [
      `${prefix === '' ? 'the options are' : `${prefix.slice(0, -1)} is`} ${shown(given, false)}, not an object${wanted}`,
    ]
  }
  const values = { ...given } as Readonly<Record<string, unknown>>
  return [
    ...unknownOptions(values, Object.keys(rules), prefix),
    ...Object.entries<OptionRule>(rules).flatMap(([name, rule]) => problemOf(`${prefix}${name}`, values[name], rule)),
  ]
}

function problemOf(name: string, value: unknown, rule: OptionRule): readonly string[] {
  if (value === undefined) return rule.required ? [`${name} is missing, must be ${rule.name}`] : []
  return rule.is(value) ? [] : [`${name} is ${shown(value, rule.shown ?? false)}, must be ${rule.name}`]
}

/** Shows numbers, and texts only if they can be neither a secret nor data. */
function shown(value: unknown, texts: boolean): string {
  if (typeof value === 'string' && texts) return JSON.stringify(value.slice(0, 120))
  const isPlain = value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean'
  return isPlain ? String(value) : `of type ${Array.isArray(value) ? 'array' : typeof value}`
}

/**
 * One problem for each option that has no rule, as `there is no option "compresion", did you mean
 * "compression"`.
 */
export function unknownOptions(given: object, names: readonly string[], prefix = ''): readonly string[] {
  return Object.keys(given)
    .filter((name) => !names.includes(name))
    .map((name) => {
      const meant = names.find((known) => areAlike(name, known))
      const advice = meant === undefined ? `the options are ${names.join(', ')}` : `did you mean "${prefix}${meant}"`
      return `there is no option "${prefix}${name}", ${advice}`
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
