/** The error of a value that does not validate. It names types and shapes, and no value: those are data. */

/** Why: with the value that was found, of which only the type is told; or as the validator puts it. */
export type Reason = string | { readonly expected: string; readonly got: unknown }

/**
 *   at .items[3].price: expected number, got string
 *
 * @param others how many more things are wrong in other places
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

/** "string", "null", "array", "Date", ... A number that is none counts as a shape of its own. */
export function shapeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isFinite(value) ? 'number' : String(value)
  if (typeof value !== 'object') return typeof value
  const name = Object.prototype.toString.call(value).slice(8, -1)
  return name === 'Object' ? 'object' : name
}
