/**
 * JSON that is read back as it was written. JSON.stringify silently turns NaN into null and a Map
 * into {}, which would change state in a restart; JSON.parse makes an own `__proto__` of data,
 * which becomes a prototype once somebody copies the object.
 */
import {
  bigintOf,
  ChangedNumber,
  changedNumber,
  markLong,
  mayChangeNumbers,
  withMarks,
  withoutMarks,
} from './jsonNumbers.ts'
import { firstLoss, type Judge, oddClass } from './lossless.ts'
import type { Json } from './record.ts'

export { ChangedNumber } from './jsonNumbers.ts'

/** Throws a TypeError, naming the place, on a value that would be read back as something else. */
export function stringifyJson(value: unknown): string {
  // Like JSON.stringify, in a third of the time.
  if (Number.isFinite(value)) return String(value)
  try {
    if (!isFaithful(value)) refuse(value)
    return JSON.stringify(value)
  } catch (thrown) {
    throw thrown instanceof RangeError ? tooDeep() : thrown
  }
}

/**
 * Parses JSON; throws a SyntaxError or ChangedNumber. An object with a key `__proto__` has no
 * prototype, so the key stays data wherever it is copied to.
 */
export function parseJson(text: string): Json {
  // A string has neither keys nor numbers.
  if (text.startsWith('"')) return JSON.parse(text)
  const parsed = mayNameProto(text) ? JSON.parse(text, withoutPrototype) : JSON.parse(text)
  if (mayChangeNumbers(text)) refuseChanged(text)
  return parsed
}

/**
 * As `stringifyJson`, but writes bigints as whole numbers, and numbers that would be read back as
 * bigints with an exponent.
 */
export function stringifyWithBigints(value: unknown): string {
  try {
    if (isFaithful(value)) {
      const text = JSON.stringify(value)
      if (!mayChangeNumbers(text)) return text
    } else refuse(value, judgeWithBigints)
    return withoutMarks(JSON.stringify(value, markLong))
  } catch (thrown) {
    throw thrown instanceof RangeError ? tooDeep() : thrown
  }
}

/** As `parseJson`, but reads whole numbers beyond the safe ones as bigints. */
export function parseWithBigints(text: string): unknown {
  // Also validates the text as JSON: a mark may stand where a number may not.
  const parsed = mayNameProto(text) ? JSON.parse(text, withoutPrototype) : JSON.parse(text)
  if (!mayChangeNumbers(text)) return parsed
  const marked = withMarks(text)
  const revive = (name: string, value: Json): unknown => bigintOf(value) ?? withoutPrototype(name, value)
  return marked === text ? parsed : JSON.parse(marked, revive)
}

function refuseChanged(text: string): void {
  const position = changedNumber(text)
  if (position !== null) throw new ChangedNumber(position)
}

/** Parses JSON; undefined if it is invalid. */
export function tryParseJson(text: string): Json | undefined {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

/**
 * Also finds escaped letters. A reviver makes parsing several times slower, so it runs only if
 * needed.
 */
function mayNameProto(text: string): boolean {
  return text.includes('__proto__') || (text.includes('\\u') && escapedLetter.test(text))
}

const escapedLetter = /\\u00(?:5f|6f|70|72|74)/i

function withoutPrototype(_name: string, value: Json): Json {
  const named = typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__')
  return named ? Object.assign(Object.create(null), value) : value
}

/**
 * Fast answer for the usual states and records, in a seventh of JSON.stringify's time; for that the
 * loop checks simple values itself. False only means that `refuse` must check.
 */
function isFaithful(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return isSimple(value)
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (!isFaithful(value[i])) return false
    return true
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return false
  for (const name in value) {
    const property = (value as { readonly [name: string]: unknown })[name]
    if (!(isSimple(property) || property === undefined || (typeof property === 'object' && isFaithful(property))))
      return false
  }
  return true
}

function isSimple(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'boolean' || value === null || Number.isFinite(value)
}

function tooDeep(): TypeError {
  return new TypeError('value is too deep or too long for JSON, or a part of itself')
}

function refuse(value: unknown, by: Judge = judge): void {
  const odd = firstLoss(value, by)
  if (odd !== null) throw new TypeError(`value${odd}, which JSON cannot encode`)
}

function judge(value: unknown): ReturnType<Judge> {
  if (isSimple(value)) return null
  if (typeof value === 'number') return ` is ${value}`
  if (typeof value !== 'object' || value === null) return ` is of type ${typeof value}`
  return Array.isArray(value) ? value : (oddClass(value) ?? value)
}

function judgeWithBigints(value: unknown): ReturnType<Judge> {
  return typeof value === 'bigint' ? null : judge(value)
}
