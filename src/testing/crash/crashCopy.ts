/**
 * Copies arrays and plain objects deeply; other values stay the same objects. A real log has bytes:
 * changes by the job to a value must not reach the next attempt or the output.
 */
export function crashCopy<T>(value: T): T {
  if (Array.isArray(value)) return value.map(crashCopy) as T
  if (!isPlain(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, crashCopy(part)])) as T
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
