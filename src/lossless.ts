/** Finds values that a format would silently change when they are written. */
/**
 * Judges a value, or the name of a property: null, it is kept; a text such as ` is NaN`, it is
 * changed; an array or object, that depends on these parts.
 */
export type Judge = (value: unknown) => null | string | object

/**
 * Names the first loss, such as `.sums[3] is NaN`; null if there is none. Throws a RangeError if
 * the value is too deep or contains itself.
 */
export function firstLoss(value: unknown, judge: Judge): string | null {
  const verdict = judge(value)
  if (verdict === null || typeof verdict === 'string') return verdict
  return Array.isArray(verdict) ? inArray(verdict, judge) : inObject(verdict, judge)
}

/**
 * Returns ` is a Order` for an instance of a class. A plain object of any realm has a prototype
 * without a prototype.
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

/** Judges the parts of an object. An undefined property reads the same when it is absent. */
function inObject(value: object, judge: Judge): string | null {
  for (const name of Object.keys(value)) {
    const property = (value as { readonly [name: string]: unknown })[name]
    const odd = property === undefined ? null : (firstLoss(name, judge) ?? firstLoss(property, judge))
    if (odd !== null) return `.${name}${odd}`
  }
  return null
}
