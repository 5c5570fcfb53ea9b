/**
 * Looks for what a format would turn into something else without a word, in values that are about
 * to be written.
 */

/**
 * What a format says of one value, or of the name of a property: null, it keeps that; a text as `
 * is NaN`, it does not; an array or an object, that depends on these parts.
 */
export type Judge = (value: unknown) => null | string | object

/**
 * Where and what is not kept, e.g. `.sums[3] is NaN`; null if all is well. Throws RangeError on
 * what is too deep, or a part of itself.
 */
export function firstLoss(value: unknown, judge: Judge): string | null {
  const verdict = judge(value)
  if (verdict === null || typeof verdict === 'string') return verdict
  return Array.isArray(verdict) ? inArray(verdict, judge) : inObject(verdict, judge)
}

/**
 * ` is a Order`, if an object is an instance of a class. A plain object of any realm has a
 * prototype without a prototype.
 */
export function oddClass(value: object): string | null {
  const prototype = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return null
  return Object.getPrototypeOf(prototype) === null ? null : ` is a ${value.constructor?.name}`
}

function inArray(items: readonly unknown[], judge: Judge): string | null {
  for (let i = 0; i < items.length; i++) {
    const odd = firstLoss(items[i], judge)
    if (odd !== null) return `[${i}]${odd}`
  }
  return null
}

/** A property that is undefined reads the same when it is gone. */
function inObject(value: object, judge: Judge): string | null {
  for (const name of Object.keys(value)) {
    const property = (value as { readonly [name: string]: unknown })[name]
    const odd = property === undefined ? null : (firstLoss(name, judge) ?? firstLoss(property, judge))
    if (odd !== null) return `.${name}${odd}`
  }
  return null
}
