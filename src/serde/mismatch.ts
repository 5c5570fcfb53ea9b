/** Errors of values that do not validate. They name types and shapes, never a value. */
/**
 * Reason of the mismatch: expected type and found value (only its type is printed), or the
 * validator's text.
 */
export type Reason = string | { readonly expected: string; readonly got: unknown }

/**
 * Makes an error such as "at .items[3].price: expected number, got string".
 *
 * @param others number of further errors in other places
 */
export function mismatch(path: readonly PropertyKey[], reason: Reason, others: number): TypeError {
  const place = path.length === 0 ? '' : `at ${path.map(step).join('')}: `
  const why = typeof reason === 'string' ? reason : `expected ${reason.expected}, got ${shapeOf(reason.got)}`
  return new TypeError(`${place}${why}${others === 0 ? '' : ` (and ${others} more)`}`)
}

function step(key: PropertyKey): string {
  if (typeof key === 'number') return `[${key}]`
  if (typeof key === 'symbol') return `[${String(key)}]`
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
}

/**
 * Names the shape of a value: "string", "null", "array", "Date"; NaN and Infinity by themselves.
 */
export function shapeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isFinite(value) ? 'number' : String(value)
  if (typeof value !== 'object') return typeof value
  const name = Object.prototype.toString.call(value).slice(8, -1)
  return name === 'Object' ? 'object' : name
}
