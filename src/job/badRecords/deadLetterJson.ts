import { Buffer } from 'node:buffer'
import { inspect } from 'node:util'
import { tryParseJson } from '../../json.ts'
import type { Header } from '../../record.ts'
import type { Serde } from '../../serde/serde.ts'
import type { DeadLetter } from './deadLetter.ts'

/**
 * Encodes dead letters as JSON, whatever their values are, and decodes them.
 *
 * A value that JSON does not have becomes an object with one name that begins with $:
 *
 *     {"$bytes":"aGVsbG8="}  {"$bigint":"12"}  {"$number":"NaN"}  {"$undefined":""}
 *     {"$date":"2026-01-01T00:00:00.000Z"}
 *     {"$text":"[Function: f]"}    a value that can only be printed; decoded as that text
 *     {"$plain":{"$bytes":1}}      an object of the user that looks like one of these
 *
 * Values that are circular, too deep, or throw when they are read are printed as text. `decode`
 * throws a TypeError if the bytes are not a dead letter.
 */
export const deadLetterJson: Serde<DeadLetter> = {
  encode({ value, key, headers, ...rest }) {
    const marked = headers.map(({ name, value: content }) => ({ name, value: mark(content, []) }))
    return Buffer.from(JSON.stringify({ ...rest, key: safely(key), value: safely(value), headers: marked }), 'utf8')
  },
  decode(bytes) {
    const letter: unknown = bytes === null ? undefined : tryParseJson(bytes.toString('utf8'))
    if (!isLetter(letter)) throw new TypeError('the bytes are not a dead letter')
    const headers = letter.headers.map(({ name, value }) => ({ name, value: unmark(value) as Header['value'] }))
    return { ...letter, key: unmark(letter.key), value: unmark(letter.value), headers }
  },
}

function safely(value: unknown): unknown {
  try {
    return mark(value, [])
  } catch {
    return { $text: shown(value) }
  }
}

function shown(value: unknown): string {
  try {
    return inspect(value)
  } catch {
    return `a value of type ${typeof value}`
  }
}

/** @param within objects that contain `value`: meeting one of them again would never end */
function mark(value: unknown, within: readonly object[]): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { $number: Object.is(value, -0) ? '-0' : `${value}` }
    case 'bigint':
      return { $bigint: `${value}` }
    case 'undefined':
      return { $undefined: '' }
    case 'object':
      return value === null ? null : markObject(value, within)
    default:
      return { $text: inspect(value) }
  }
}

/** Depth below which values are printed as text: no stack is endless. */
const deepest = 1_000

function markObject(value: object, within: readonly object[]): unknown {
  if (within.includes(value)) return { $text: '[Circular]' }
  if (within.length > deepest) throw new RangeError('too deep')
  const inside = [...within, value]
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') }
  if (value instanceof Date && !Number.isNaN(value.getTime())) return { $date: value.toISOString() }
  if (Array.isArray(value)) return Array.from(value, (item) => mark(item, inside))
  if (isOpaque(value)) return { $text: inspect(value) }
  if ('toJSON' in value && typeof value.toJSON === 'function') return mark(value.toJSON(), inside)
  const marked = Object.fromEntries(Object.entries(value).map(([name, part]) => [name, mark(part, inside)]))
  return isMark(marked) ? { $plain: marked } : marked
}

/** Tells whether an object keeps its content where JSON does not look. */
function isOpaque(value: object): boolean {
  const kinds = [Map, Set, WeakMap, WeakSet, Promise, RegExp, Error, ArrayBuffer, Date]
  return ArrayBuffer.isView(value) || kinds.some((kind) => value instanceof kind)
}

function isMark(value: object): boolean {
  const [name, ...others] = Object.keys(value)
  return name !== undefined && others.length === 0 && name.startsWith('$')
}

function unmark(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(unmark)
  if (!isMark(value)) return unmarkParts(value)
  const [name, content] = Object.entries(value)[0] as [string, unknown]
  return name === '$plain' ? unmarkParts(content as object) : unmarked(name, content)
}

function unmarkParts(value: object): unknown {
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, unmark(part)]))
}

function unmarked(name: string, content: unknown): unknown {
  switch (name) {
    case '$bytes':
      return Buffer.from(content as string, 'base64')
    case '$bigint':
      return bigintOf(content)
    case '$number':
      return Number(content)
    case '$date':
      return new Date(content as string)
    case '$undefined':
      return undefined
    case '$text':
      return content
    default:
      throw new TypeError(`the dead letter has the unknown mark ${name}`)
  }
}

function isLetter(letter: unknown): letter is DeadLetter {
  if (typeof letter !== 'object' || letter === null) return false
  const { topic, partition, offset, operator, code, message, job, headers } = letter as Partial<DeadLetter>
  const texts = [topic, operator, code, message, job]
  return (
    texts.every((one) => typeof one === 'string') &&
    [partition, offset].every(Number.isInteger) &&
    Array.isArray(headers)
  )
}

/** Parses a bigint. BigInt would quote invalid text, which is data. */
function bigintOf(content: unknown): bigint {
  if (typeof content !== 'string' || !/^-?\d+$/.test(content))
    throw new TypeError('the dead letter has a $bigint that is not a whole number')
  return BigInt(content)
}
