/** Compares the output of a disturbed run with that of an undisturbed one: a pure function. */
import { beyond } from '../../tools/support/beyond.ts'
import type { outputs } from './words.ts'
import { ownerOf } from './words.ts'

/** Values of each topic, partition after partition, each in its order. */
export type Output = Readonly<Record<(typeof outputs)[number], readonly string[]>>

export interface Differences {
  /** Missing, more than there should be, and in another order among those of one key; at most five of each topic. */
  readonly lost: readonly string[]
  readonly doubled: readonly string[]
  readonly reordered: readonly string[]
}

/** The order of late records, and of copies of rules, is open. */
const ordered: ReadonlySet<string> = new Set(['counts', 'windows'])
const most = 5

/** @param shards of the disturbed run: each of them says that it has a rule */
export function compare(disturbed: Output, quiet: Output, shards: number): Differences {
  const [lost, doubled, reordered]: [string[], string[], string[]] = [[], [], []]
  for (const topic of Object.keys(quiet) as (keyof Output)[]) {
    const say = (value: string): string => `${topic}: ${value}`
    const wanted = topic === 'applied' ? quiet[topic].flatMap((rule) => Array(shards).fill(rule)) : quiet[topic]
    const [missing, additional] = [beyond(wanted, disturbed[topic]), beyond(disturbed[topic], wanted)]
    lost.push(...missing.slice(0, most).map(say))
    doubled.push(...additional.slice(0, most).map(say))
    if (missing.length + additional.length > 0 || !ordered.has(topic)) continue
    const theirs = byOwner(wanted)
    const moved = [...byOwner(disturbed[topic])].filter(([owner, its]) => its.join() !== theirs.get(owner)?.join())
    reordered.push(...moved.slice(0, most).map(([owner]) => say(owner)))
  }
  return { lost, doubled, reordered }
}

export function isSame({ lost, doubled, reordered }: Differences): boolean {
  return lost.length + doubled.length + reordered.length === 0
}

function byOwner(values: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const value of values) {
    const its = found.get(ownerOf(value)) ?? []
    found.set(ownerOf(value), its)
    its.push(value)
  }
  return found
}
