/**
 * Timers: an operator is called at a time for a key, at most once each. Timers are state, so a
 * restored job has the same ones; a queue of their times in memory stands beside them.
 */
import TinyQueue from 'tinyqueue'
import type { Key } from '../record.ts'
import type { Serde } from '../serde/serde.ts'
import type { OperatorStore } from './store.ts'

export interface Timers<K extends Key> {
  /** @param time ms; setting a timer twice for one key sets it once */
  set(time: number, key: K): void
  delete(time: number, key: K): void
  has(time: number, key: K): boolean
  /** Earliest time with a timer; Infinity if there is none. */
  readonly next: number
  /**
   * Deletes each timer up to `time`, inclusive, in time order, and calls `due` for it. Timers set
   * meanwhile are included, unless `time` is Infinity, the end of the input.
   */
  fire(time: number, due: (time: number, key: K) => void): void
}

/** Stale times tolerated in the queue, besides as many as there are timers. */
const roomForMore = 1_000

/** The key of a timer holds everything. */
const nothing: Serde<true> = { encode: () => null, decode: () => true }

/** @param loaded called with the earliest time once restored timers are there */
export function timers<K extends Key>(store: OperatorStore, name: string, loaded: (next: number) => void): Timers<K> {
  const table = store.maps<number, K, true>(name, { serde: nothing, ownerOf: (_, key) => key() })
  /** Times with timers, and perhaps some whose timers are gone. */
  let times = new TinyQueue<number>()
  let most = roomForMore

  /** Timers that move, such as those of sessions, leave stale times behind. */
  function push(time: number): void {
    times.push(time)
    if (times.length <= most) return
    times = new TinyQueue([...table.keys()])
    most = roomForMore + 2 * times.length
  }

  /** First time that has timers. */
  const next = (): number => {
    for (let time = times.peek(); time !== undefined; time = times.peek()) {
      if (table.count(time) > 0) return time
      times.pop()
    }
    return Infinity
  }

  function fireOne(time: number, key: K, due: (time: number, key: K) => void): void {
    if (!table.has(time, key)) return
    table.delete(time, key)
    due(time, key)
  }

  /** At the end of the input, a timer that sets itself again would never stop. */
  function fireAll(due: (time: number, key: K) => void): void {
    const all = [...table.keys()].sort((a, b) => a - b).map((time) => [time, table.subs(time)] as const)
    for (const [time, keys] of all) for (const key of keys) fireOne(time, key, due)
  }

  store.onLoaded(() => {
    for (const time of table.keys()) push(time)
    loaded(next())
  })

  return {
    set(time, key) {
      const isNew = table.count(time) === 0
      table.set(time, key, true)
      if (isNew) push(time)
    },
    delete: (time, key) => table.delete(time, key),
    has: table.has,
    get next() {
      return next()
    },
    fire(until, due) {
      if (until === Infinity) return fireAll(due)
      for (let time = next(); time <= until; time = next()) {
        for (const key of table.subs(time)) fireOne(time, key, due)
      }
    },
  }
}
