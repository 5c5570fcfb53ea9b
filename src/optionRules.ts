/** Rules of options that several functions share, named by what they allow. */
import type { OptionRule } from './options.ts'

/** Longest delay of setTimeout, ms (24 days): it fires at once if asked for more. */
export const longestDelay = 2 ** 31 - 1

export function rule(name: string, is: (value: unknown) => boolean): OptionRule {
  return { name, is }
}

/** The same rule for an option that cannot be left out. */
export function required(rule: OptionRule): OptionRule & { readonly required: true } {
  return { ...rule, is: (value) => rule.is(value), required: true }
}

export function wholeNumber(from: number, to = Number.MAX_SAFE_INTEGER): OptionRule {
  const is = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= from && (value as number) <= to
  return rule(`a whole number from ${from}${to === Number.MAX_SAFE_INTEGER ? '' : ` to ${to}`}`, is)
}

/** A number, not necessarily whole or finite. */
export function numberFrom(from: number, to = Infinity): OptionRule {
  const is = (value: unknown) => typeof value === 'number' && value >= from && value <= to
  return rule(`a number from ${from}${to === Infinity || to === Number.MAX_VALUE ? '' : ` to ${to}`}`, is)
}

/** A delay for setTimeout. */
export function milliseconds(from: number): OptionRule {
  return rule(`a whole number of ms from ${from} to ${longestDelay}`, wholeNumber(from, longestDelay).is)
}

/** A delay that need not be whole. With NaN or more, a timer would fire at once. */
export const timerDelay = { ...numberFrom(0, longestDelay), name: `a number of ms from 0 to ${longestDelay}` }

export function oneOf(...values: readonly unknown[]): OptionRule {
  const names = values.map((value) => (typeof value === 'string' ? `'${value}'` : String(value)))
  const last = names.at(-1) as string
  const name = names.length === 1 ? last : `${names.slice(0, -1).join(', ')} or ${last}`
  return { name, is: (value) => values.includes(value), shown: true }
}

/** A text that is no secret, so that errors may show it. */
export function text(name: string, is: (value: string) => boolean): OptionRule {
  return { name, is: (value) => typeof value === 'string' && is(value), shown: true }
}

export const anything = rule('anything', () => true)
export const aFunction = rule('a function', (value) => typeof value === 'function')
export const anObject = rule('an object', (value) => typeof value === 'object' && value !== null)
export const aBoolean: OptionRule = { ...oneOf(true, false), name: 'true or false' }
export const nonEmptyText = text('a non-empty string', (value) => value !== '')

/** An object or a function with these methods. */
export function withMethods(name: string, methods: readonly string[]): OptionRule {
  return rule(name, (value) => {
    const isReference = (typeof value === 'object' && value !== null) || typeof value === 'function'
    const members = value as Readonly<Record<string, unknown>>
    return isReference && methods.every((method) => typeof members[method] === 'function')
  })
}

/** Options shared by several functions. */
export const onErrorRule = oneOf('fail', 'skip', 'dead-letter')
export const operatorIdRule = text('1 to 200 characters that stay the same: state is found again by it', (value) => {
  return value !== '' && value.length <= 200
})
export const allowDroppedRule = rule('true, false or a list of ids', (value) => {
  return typeof value === 'boolean' || (Array.isArray(value) && value.every((id) => typeof id === 'string'))
})
