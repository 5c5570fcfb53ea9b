/** A set of pairs: entries of maps. */
export interface Pairs<K, S> {
  readonly size: number
  has(key: K, sub: S): boolean
  /** True if the key has any pair. */
  hasKey(key: K): boolean
  add(key: K, sub: S): void
  /** Returns whether the pair was in the set. */
  delete(key: K, sub: S): boolean
  /** All pairs; those deleted meanwhile are left out. */
  all(): Iterator<readonly [K, S]>
}

export function pairs<K, S>(): Pairs<K, S> {
  const byKey = new Map<K, Set<S>>()
  let size = 0

  function* all(): Generator<readonly [K, S]> {
    for (const [key, subs] of byKey) for (const sub of subs) yield [key, sub]
  }

  return {
    get size() {
      return size
    },
    has: (key, sub) => byKey.get(key)?.has(sub) ?? false,
    hasKey: (key) => byKey.has(key),
    add(key, sub) {
      const subs = byKey.get(key)
      if (subs?.has(sub)) return
      size += 1
      if (subs === undefined) byKey.set(key, new Set([sub]))
      else subs.add(sub)
    },
    delete(key, sub) {
      const subs = byKey.get(key)
      if (!subs?.delete(sub)) return false
      size -= 1
      if (subs.size === 0) byKey.delete(key)
      return true
    },
    all,
  }
}
