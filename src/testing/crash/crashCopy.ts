/**
 * A copy of arrays and plain objects, all the way down; everything else stays the same object.
 * Between a job and a real log there are bytes: what a job does to a value that it has read, or has
 * written, must not reach the next attempt or the output.
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
