/**
 * Numbers in a JSON text that JSON.parse would change: whole numbers with more digits than a
 * JavaScript number holds, such as most 64-bit ids, and numbers beyond the largest one, which
 * become Infinity.
 *
 * A whole number is unchanged if it prints as in the text, so everything that JSON.stringify writes
 * is unchanged. Numbers with a fraction or an exponent stand for doubles and are rounded to the
 * nearest one, as by every reader of JSON.
 */
import { randomUUID } from 'node:crypto'

/** Error of a number that JSON.parse would change. The message has no digit of it. */
export class ChangedNumber extends TypeError {
  constructor(position: number) {
    super(`the number at position ${position} is not kept by a JavaScript number`)
  }
}

/**
 * Sixteen digits that begin a number, neither behind a point, where doubles have as many, nor
 * behind a quote; or an exponent of three digits. Written out, since V8 searches a class of
 * characters much faster than a counted one.
 */
const long =
  /[-:,[\s][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]|[0-9][eE][+0-9][0-9][0-9]/

const numbers = /-?\d+(\.\d+)?([eE][+-]?\d+)?/g

/** False: no number of the text is changed. Runs for every text read. */
export function mayChangeNumbers(text: string): boolean {
  return long.test(text) || isDigit(text.charCodeAt(0))
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

/**
 * Position of the first number that would be changed; null: none.
 *
 * @param text valid JSON
 */
export function changedNumber(text: string): number | null {
  let first: number | null = null
  eachNumber(text, (number, at, whole) => {
    if (first === null && isChanged(number, whole)) first = at
  })
  return first
}

/**
 * Replaces each whole number beyond the safe ones by a text that `bigintOf` recognises. Throws
 * ChangedNumber on numbers that become Infinity.
 *
 * @param text valid JSON
 */
export function withMarks(text: string): string {
  const parts: string[] = []
  let done = 0
  eachNumber(text, (number, at, whole) => {
    if (!whole && !Number.isFinite(Number(number))) throw new ChangedNumber(at)
    if (!whole || Number.isSafeInteger(Number(number))) return
    parts.push(text.slice(done, at), markOf(number.replace(/\..*/, '')))
    done = at + number.length
  })
  return parts.join('') + text.slice(done)
}

/** Random, so that no text of the user begins with it. */
const mark = `${randomUUID()}:`
const marked = new RegExp(`"${mark}(-?[\\d.e+]+)"`, 'g')

function markOf(digits: string): string {
  return `"${mark}${digits}"`
}

/** Value of a marked text; null if it is not marked. */
export function bigintOf(value: unknown): bigint | null {
  return typeof value === 'string' && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : null
}

/**
 * For JSON.stringify: makes bigints marked texts, which `withoutMarks` turns into numbers, and
 * writes whole numbers beyond the safe ones with an exponent, since they would be read back as
 * bigints.
 */
export function markLong(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${mark}${value}`
  const long = Number.isInteger(value) && !Number.isSafeInteger(value)
  return long ? `${mark}${(value as number).toExponential()}` : value
}

export function withoutMarks(text: string): string {
  return text.replace(marked, '$1')
}

function isChanged(number: string, whole: boolean): boolean {
  const value = Number(number)
  if (!Number.isFinite(value)) return true
  return whole && String(value) !== number.replace(/\..*/, '') && value !== 0
}

/** @param each `whole`: the number has no exponent, and only zeros as fraction */
function eachNumber(text: string, each: (number: string, at: number, whole: boolean) => void): void {
  for (let at = 0; at < text.length; ) {
    const quote = text.indexOf('"', at)
    const end = quote < 0 ? text.length : quote
    for (const { 0: number, 1: fraction = '.0', 2: exponent, index } of text.slice(at, end).matchAll(numbers)) {
      each(number, at + index, exponent === undefined && /^\.0+$/.test(fraction))
    }
    at = quote < 0 ? end : endOfString(text, quote)
  }
}

/** Position behind the string that begins here. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at++) {
    at = text.indexOf('"', at)
    if (at < 0) return text.length
    let slashes = 0
    while (text[at - 1 - slashes] === '\\') slashes++
    if (slashes % 2 === 0) return at + 1
  }
}
