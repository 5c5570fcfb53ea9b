/**
 * What is known by schema id: fetched once, kept while it is used. There are two generations, so
 * that what is used stays and the number is bounded without any work at a look-up:
 *
 *   recent  a b c ... (full)   -->   old: a b c ...    recent: empty, refilled from old by use
 */
import type { Clock } from 'rxweft'

export interface SchemaCache<K> {
  /** undefined: not now. */
  get(id: number): K | undefined
  /** undefined: it is there. One request for all who wait for the same id. */
  fetch(id: number): Promise<void> | undefined
}

interface Kept<K> {
  readonly known: K
  /** When to ask again, ms since the epoch. */
  readonly until: number
}

export interface Fetched<K> {
  readonly known: K
  /** It may be another tomorrow: ask again when it is needed after some seconds. */
  readonly tentative: boolean
}

/** ms */
const tentativeFor = 10_000

/** @param max of what is kept for sure, not more than twice as many in all */
export function schemaCache<K>(load: (id: number) => Promise<Fetched<K>>, max: number, clock: Clock): SchemaCache<K> {
  let recent = new Map<number, Kept<K>>()
  let old = new Map<number, Kept<K>>()
  const loading = new Map<number, Promise<void>>()

  function keep(id: number, kept: Kept<K>): Kept<K> {
    if (recent.size >= max) {
      old = recent
      recent = new Map()
    }
    recent.set(id, kept)
    return kept
  }

  function find(id: number): Kept<K> | undefined {
    const found = recent.get(id)
    if (found !== undefined) return found
    const older = old.get(id)
    return older && keep(id, older)
  }

  async function loadOne(id: number): Promise<void> {
    try {
      const { known, tentative } = await load(id)
      keep(id, { known, until: tentative ? clock.now() + tentativeFor : Infinity })
    } finally {
      loading.delete(id)
    }
  }

  return {
    get: (id) => find(id)?.known,
    fetch(id) {
      const found = find(id)
      if (found !== undefined && (found.until === Infinity || clock.now() < found.until)) return undefined
      const begun = loading.get(id) ?? loadOne(id)
      loading.set(id, begun)
      return begun
    },
  }
}
