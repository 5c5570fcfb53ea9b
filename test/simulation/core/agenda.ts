/**
 * Virtual time as a list of what is to happen, in order of time and then of arrival: the only thing that makes anything happen in a
 * simulation. Between two entries every promise settles, so a run is one fixed sequence. `virtualClock` moves by a span that the test
 * names; here time jumps from entry to entry, and there are too many of them to look through all each time.
 */
export interface Agenda {
  /** ms */
  now(): number
  /** Runs `act` so many ms from now. */
  after(delay: number, act: () => void): Entry
  cancel(entry: Entry): void
  /** Runs entries until `done`, or until virtual time is past `limit`, or nothing is left. Answers whether `done` was reached. */
  runUntil(done: () => boolean, limit: number): Promise<boolean>
}

export interface Entry {
  readonly at: number
  readonly order: number
  /** null: cancelled, or done. */
  act: (() => void) | null
}

export function agenda(start = 0): Agenda {
  const heap: Entry[] = []
  let now = start
  let order = 0

  const earlier = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)

  function push(entry: Entry): void {
    let at = heap.push(entry) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!earlier(entry, heap[parent] as Entry)) break
      heap[at] = heap[parent] as Entry
      at = parent
    }
    heap[at] = entry
  }

  function pop(): Entry | undefined {
    const first = heap[0]
    const last = heap.pop()
    if (last !== undefined && heap.length > 0) sink(last)
    return first
  }

  /** Puts an entry in at the top. */
  function sink(entry: Entry): void {
    let at = 0
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && earlier(heap[child + 1] as Entry, heap[child] as Entry)) child += 1
      if (!earlier(heap[child] as Entry, entry)) break
      heap[at] = heap[child] as Entry
      at = child
    }
    heap[at] = entry
  }

  return {
    now: () => now,
    after(delay, act) {
      const entry = { at: now + Math.max(0, delay), order: order++, act }
      push(entry)
      return entry
    },
    cancel(entry) {
      entry.act = null
    },
    async runUntil(done, limit) {
      await settled()
      while (!done()) {
        const next = heap[0]
        if (next === undefined || next.at > limit) break
        pop()
        if (next.act === null) continue
        now = next.at
        const { act } = next
        next.act = null
        act()
        await settled()
      }
      if (!done()) now = Math.max(now, limit)
      return done()
    },
  }
}

/** Resolves when no promise callback is left to run: Node comes to its ticks only then. Much cheaper than an immediate. */
function settled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve))
}
