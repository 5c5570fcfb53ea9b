/**
 * Timers: times at which an operator is called back, each for one key, each at most once. They are
 * state, so a restored job has the same ones; a queue of the times is in memory.
 */
import TinyQueue from 'tinyqueue'
import type { Key } from '../record.ts'
import type { Serde } from '../serde/serde.ts'
import type { OperatorStore } from './store.ts'

export interface Timers<K extends Key> {
  /** ms; setting it twice for one key is setting it once. */
  set(time: number, key: K): void
  delete(time: number, key: K): void
  has(time: number, key: K): boolean
  /** The earliest time that something is set for; Infinity: nothing is. */
  readonly next: number
  /**
   * Calls `due` for each timer up to `time`, inclusive, in the order of time; each is deleted
   * before. Timers that are set meanwhile are among them, except where `time` is Infinity, the end
   * of the input.
   */
  fire(time: number, due: (time: number, key: K) => void): void
}

/**
 * Number of times without a timer that may be in the queue, besides as many as there are timers.
 */
const roomForMore = 1_000

/** A timer is all in its key. */
const nothing: Serde<true> = { encode: () => null, decode: () => true }

/** @param loaded called with the earliest time once the state is restored */
export function timers<K extends Key>(store: OperatorStore, name: string, loaded: (next: number) => void): Timers<K> {
  const table = store.maps<number, K, true>(name, { serde: nothing })
  /** Times with timers, and maybe some that have none any more. */
  let times = new TinyQueue<number>()
  let most = roomForMore

  /** Timers that move, as those of sessions do, leave their former times behind. */
  function push(time: number): void {
    times.push(time)
    if (times.length <= most) return
    times = new TinyQueue([...table.keys()])
    most = roomForMore + 2 * times.length
  }

  /** The first time that has timers. */
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

  /** At the end of time one that sets itself again would never stop. */
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
