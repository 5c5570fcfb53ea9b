/**
 * Counts the steps that a job passes, and ends its life at one of them. Effects begun by a dead
 * life never answer, and it does nothing more; what has become durable stays.
 *
 *     before -- in flight -- done -- after -- answered        an effect: a prepare, a put, a commit
 *
 * A crash at "before": the effect never was. At "after": it was done, and nobody heard. A crash
 * elsewhere meets effects in flight: they are lost with the life, or still done.
 */
import type { AttemptContext, Clock } from '../../attempt.ts'
import { sleep } from '../../clock.ts'
import type { CrashRandom } from './crashRandom.ts'

/** One attempt of the job. */
export interface Life {
  readonly clock: Clock
  dead: boolean
  /** Known once the attempt has opened the first of its parts. */
  attempt: AttemptContext | undefined
}

/** Moment at which a crash test can end a life. */
export interface CrashPoint {
  /** As in "the commit of checkpoint 2". */
  readonly step: string
  readonly when: 'before' | 'after'
  /** Whether somebody waits for the answer. */
  readonly answers: boolean
  /** Other effects that had begun and were not done. */
  readonly inFlight: readonly string[]
}

export interface Crash {
  /**
   * How many points are passed since the start or since the crash before: 1 is the first of them.
   */
  readonly after: number
  readonly inFlight: 'lost' | 'done'
  /**
   * process: nothing in memory is left, and the job is defined anew. attempt: the same job begins
   * its next attempt.
   */
  readonly ends: 'process' | 'attempt'
}

export interface CrashStage {
  /** All points that were passed so far. */
  readonly points: readonly CrashPoint[]
  /** The life that storage calls, which name no attempt, belong to. */
  readonly life: Life
  begin(clock: Clock): void
  /** A step that is done at once. */
  pass(life: Life, step: string, act: () => void): void
  /**
   * A step that takes a while, and may be in flight when the life ends. Never settles if it does.
   */
  effect<A>(life: Life, step: string, act: () => Promise<A>): Promise<A>
}

/**
 * How long an effect may take on its way there, and on its way back, virtual ms: short as a rule,
 * and at times long.
 */
const [shortWays, longWays] = [3, 12]

export function crashStage(script: readonly Crash[], random: CrashRandom, crashed: (crash: Crash) => void): CrashStage {
  const points: CrashPoint[] = []
  const inFlight = new Map<() => Promise<unknown>, string>()
  let crashes = 0
  let since = 0
  let life: Life

  function point(step: string, when: CrashPoint['when'], answers: boolean): void {
    points.push({ step, when, answers, inFlight: [...inFlight.values()] })
    since += 1
    const crash = script[crashes]
    if (since === crash?.after) end(crash)
  }

  function end(crash: Crash): void {
    crashes += 1
    since = 0
    life.dead = true
    const begun = [...inFlight.keys()]
    inFlight.clear()
    if (crash.inFlight === 'done') for (const act of begun) act().catch(() => undefined)
    crashed(crash)
  }

  async function way(clock: Clock): Promise<void> {
    const time = random(random(4) === 0 ? longWays : shortWays)
    if (time > 0) await sleep(clock, time)
  }

  return {
    points,
    get life() {
      return life
    },
    begin(clock) {
      life = { clock, dead: false, attempt: undefined }
    },
    pass(of, step, act) {
      if (!of.dead) point(step, 'before', false)
      if (!of.dead) act()
      if (!of.dead) point(step, 'after', false)
    },
    async effect(of, step, act) {
      if (!of.dead) point(step, 'before', true)
      if (of.dead) return silence()
      inFlight.set(act, step)
      await way(of.clock)
      if (of.dead) return silence()
      inFlight.delete(act)
      const answer = await act()
      if (!of.dead) point(step, 'after', true)
      if (!of.dead) await way(of.clock)
      return of.dead ? silence() : answer
    },
  }
}

const silence = (): Promise<never> => new Promise(() => undefined)
