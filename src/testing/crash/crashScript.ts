/**
 * Crashes that a crash test tries: every point of the undisturbed run, in each way in which a life
 * can end there.
 */
import { crashRandom } from './crashRandom.ts'
import type { Crash, CrashPoint } from './crashStage.ts'

export interface CrashCase {
  readonly point: CrashPoint
  /** The first is the one of the point; others follow at random. */
  readonly script: readonly Crash[]
}

/** @param crashes number of crashes in each case */
export function crashCases(points: readonly CrashPoint[], crashes: number, seed: number): readonly CrashCase[] {
  const cases: CrashCase[] = []
  for (const [at, point] of points.entries()) {
    for (const inFlight of point.inFlight.length > 0 ? (['lost', 'done'] as const) : (['lost'] as const)) {
      for (const ends of ['process', 'attempt'] as const) {
        const others = later(crashes - 1, points.length, seed + cases.length + 1)
        cases.push({ point, script: [{ after: at + 1, inFlight, ends }, ...others] })
      }
    }
  }
  return cases
}

/** Crashes of later lives, which are about as long as the first or shorter; some never happen. */
function later(count: number, longest: number, seed: number): readonly Crash[] {
  const random = crashRandom(seed)
  return Array.from({ length: count }, () => ({
    after: 1 + random(longest),
    inFlight: random(2) === 0 ? 'lost' : 'done',
    ends: random(2) === 0 ? 'process' : 'attempt',
  }))
}

/** Text such as "process killed after the commit of checkpoint 2, before its answer". */
export function describeCase({ point, script }: CrashCase): string {
  const { step, when, answers, inFlight } = point
  const [first, ...others] = script
  const how = first?.ends === 'process' ? 'process killed' : 'attempt failed'
  const unheard = when === 'after' && answers ? ', before its answer' : ''
  const begun = inFlight.length === 0 ? '' : `; in flight and ${first?.inFlight}: ${inFlight.join(', ')}`
  const again = others.length === 0 ? '' : `; then ${others.length} more at random`
  return `${how} ${when} ${step}${unheard}${begun}${again}`
}
