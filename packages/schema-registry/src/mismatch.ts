/** Error of a value that its schema does not allow. It names places and types, and no value. */
/** Makes an error such as `at .items[3].price: expected double, got string`. */
export function mismatch(path: readonly (string | number)[], expected: string, got: unknown): TypeError {
  const place = path.length === 0 ? '' : `at ${path.map(step).join('')}: `
  return new TypeError(`${place}expected ${expected}, got ${shapeOf(got)}`)
}

function step(key: string | number): string {
  if (typeof key === 'number' || /^\d+$/.test(key)) return `[${key}]`
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
}

export function shapeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (typeof value !== 'object') return typeof value
  const name = Object.prototype.toString.call(value).slice(8, -1)
  return name === 'Object' ? 'object' : name
}
