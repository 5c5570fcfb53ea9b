/** What a reader of committed records has seen of a job's output so far. */
import type { Seen } from '../cluster/history.ts'
import { outputs, ownerOf, type TopicName } from './words.ts'

export interface Shown {
  /** Start of the last window with a result, by word. */
  readonly windows: ReadonlyMap<string, number>
  /** Rules that all shards have. */
  readonly rules: ReadonlySet<string>
  /** Number of records by topic. */
  readonly counts: Readonly<Record<(typeof outputs)[number], number>>
  /** Takes in what was seen since the last time. */
  look(): void
}

/** @param shards number of times that each rule comes out */
export function shown(topics: Readonly<Record<TopicName, string>>, seen: readonly Seen[], shards: number): Shown {
  const names = new Map(outputs.map((name) => [topics[name], name]))
  const windows = new Map<string, number>()
  const applied = new Map<string, number>()
  const rules = new Set<string>()
  const counts = { counts: 0, windows: 0, late: 0, applied: 0 }
  let read = 0

  function take({ topic, value }: Seen): void {
    const name = names.get(topic)
    if (name === undefined) return
    counts[name] += 1
    const owner = ownerOf(value)
    if (name === 'windows') windows.set(owner, Math.max(windows.get(owner) ?? 0, Number(value.split(' ')[1])))
    if (name !== 'applied') return
    const times = (applied.get(owner) ?? 0) + 1
    applied.set(owner, times)
    if (times === shards) rules.add(owner)
  }

  return {
    ...{ windows, rules, counts },
    look() {
      for (; read < seen.length; read++) take(seen[read] as Seen)
    },
  }
}
