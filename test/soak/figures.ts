/**
 * Figures that must not grow, their bounds, and the comparison of the first minute with the last.
 */

export interface Figure {
  readonly name: string
  readonly unit?: string
  /** Where growth begins, given what it was in the first minute. */
  readonly bound: (first: number) => number
}

/** Memory breathes; everything else has no reason to. */
export const figures = {
  heap: { name: 'heap after gc', unit: 'MB', bound: (first) => first * 1.1 + 4 },
  rss: { name: 'rss', unit: 'MB', bound: (first) => first * 1.25 + 32 },
  // Timers and requests under way are among them, and come and go.
  handles: { name: 'handles', bound: (first) => first + 5 },
  descriptors: { name: 'file descriptors', bound: (first) => first + 3 },
  listeners: { name: 'listeners', bound: (first) => first + 3 },
  snapshots: { name: 'snapshot files', bound: (first) => Math.max(first, 2) },
  transactionalIds: { name: 'transactional ids', bound: (first) => first },
  groups: { name: 'consumer groups', bound: (first) => first },
  topics: { name: 'topics', bound: (first) => first },
  lag: { name: 'records behind', bound: (first) => first + 5_000 },
  restarts: { name: 'restarts', bound: () => 0 },
} as const satisfies Readonly<Record<string, Figure>>

export type Sample = { readonly [name in keyof typeof figures]: number }

/** The median, so that one odd moment decides nothing. */
export function medians(samples: readonly Sample[]): Sample {
  const names = Object.keys(figures) as (keyof Sample)[]
  return Object.fromEntries(names.map((name) => [name, median(samples.map((sample) => sample[name]))])) as Sample
}

export function hasGrown(name: keyof Sample, first: Sample, last: Sample): boolean {
  return last[name] > figures[name].bound(first[name])
}

export function comparison(first: Sample, last: Sample): readonly string[] {
  const rows = (Object.entries(figures) as [keyof Sample, Figure][]).map(
    ([name, { name: title, unit = '', bound }]) => {
      const show = (value: number) => `${unit === '' ? value : value.toFixed(1)} ${unit}`.trim()
      const cells = [first[name], last[name], bound(first[name])].map((value) => show(value).padStart(12))
      return `${title.padEnd(20)}${cells.join('')}${hasGrown(name, first, last) ? '   GROWN' : ''}`
    },
  )
  return [
    `${''.padEnd(20)}${['first minute', 'last minute', 'at most'].map((text) => text.padStart(12)).join('')}`,
    ...rows,
  ]
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0
}
