/** How long the steps of hand-overs took, from what the processes print: pure functions. */
import { percentile } from './handOvers.ts'

/** Events with a duration, ms, in the order of the steps. */
const steps = {
  'shard-ready': 'opened, and loaded ahead',
  'shard-released': 'final checkpoint, until the run has ended',
  'shard-taken-over': 'from the release seen until restored',
} as const

/** A line for each step that any process has printed. @param said events as JSON, a line each, among other lines */
export function stepLines(said: readonly string[]): readonly string[] {
  const events = said.flatMap((text) => text.split('\n')).flatMap(parsed)
  return Object.entries(steps).flatMap(([type, what]) => {
    const took = events.filter((event) => event.type === type).map(({ duration }) => duration)
    if (took.length === 0) return []
    const shares = [0.5, 0.99, 1].map((share) => `${percentile(took, share)} ms`)
    return [
      `${type.padEnd(18)}${String(took.length).padStart(4)} times   p50 ${shares[0]}, p99 ${shares[1]}, worst ${shares[2]}   (${what})`,
    ]
  })
}

function parsed(line: string): readonly { readonly type: string; readonly duration: number }[] {
  if (!line.startsWith('{')) return []
  try {
    const { type, duration } = JSON.parse(line)
    return typeof duration === 'number' ? [{ type: String(type), duration }] : []
  } catch {
    // Cut off where a process was killed.
    return []
  }
}
