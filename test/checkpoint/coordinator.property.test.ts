/**
 * Random lives of a coordinator in virtual time: checkpoints that prepare, store and commit whenever they like, timers that ring
 * late, stops at any moment. A bookkeeper next to it holds every command against the rules.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Command, type CoordinatorEvent, initialState, step } from '../../src/checkpoint/coordinator.ts'
import type { CheckpointSettings } from '../../src/checkpoint/settings.ts'

type Action =
  | { readonly do: 'wait'; readonly ms: number; readonly late: number }
  | { readonly do: 'prepare' | 'store'; readonly pick: number }
  | { readonly do: 'commit' }
  | { readonly do: 'stop' | 'exhausted' }

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 60, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(80), late: fc.nat(5) }) },
  { weight: 80, arbitrary: fc.record({ do: fc.constantFrom('prepare' as const, 'store' as const), pick: fc.nat(1) }) },
  { weight: 40, arbitrary: fc.record({ do: fc.constant('commit' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('stop' as const, 'exhausted' as const) }) },
)

const settings: fc.Arbitrary<CheckpointSettings> = fc.record({
  mode: fc.constant('exactly-once' as const),
  interval: fc.integer({ min: 1, max: 50 }),
  minPause: fc.nat(60),
  timeout: fc.integer({ min: 1, max: 300 }),
  maxConcurrent: fc.constantFrom(1, 2),
})

function live(given: CheckpointSettings, last: number, actions: readonly Action[]) {
  let state = initialState(given)
  let now = 1_000
  let timer = Infinity
  let stopAsked = false
  let ended: 'finish' | 'fail' | undefined
  const preparing: number[] = []
  const storing: number[] = []
  const stored: number[] = []
  let committing: number | undefined
  const deadlines = new Map<number, number>()
  let committedLast = last
  let triggeredLast = last
  let startedAt = now
  let endedAt = -Infinity
  let finals = 0
  const log = { triggers: 0, commits: 0, timeouts: 0 }

  const send = (event: CoordinatorEvent): void => {
    const next = step(state, event)
    state = next.state
    if (ended !== undefined) expect(next.commands).toEqual([])
    for (const command of next.commands) obey(command)
  }

  function obey(command: Command): void {
    expect(ended).toBeUndefined()
    switch (command.type) {
      case 'trigger':
        expect(command.checkpoint).toBe(++triggeredLast)
        expect(finals).toBe(0)
        expect(command.final).toBe(stopAsked)
        if (!command.final) {
          expect(now - startedAt).toBeGreaterThanOrEqual(given.interval)
          expect(now - endedAt).toBeGreaterThanOrEqual(given.minPause)
        }
        finals += command.final ? 1 : 0
        startedAt = now
        deadlines.set(command.checkpoint, now + given.timeout)
        expect(deadlines.size).toBeLessThanOrEqual(given.maxConcurrent)
        preparing.push(command.checkpoint)
        log.triggers++
        break
      case 'store':
        storing.push(command.checkpoint)
        break
      case 'commit':
        expect(committing).toBeUndefined()
        expect(command.checkpoint).toBe(committedLast + 1)
        expect(stored).toContain(command.checkpoint)
        committing = command.checkpoint
        break
      case 'wake':
        expect(command.at).not.toBe(timer)
        timer = command.at
        break
      case 'fail':
        expect(command.error.code).toBe('CHECKPOINT_TIMEOUT')
        expect(Math.min(...deadlines.values())).toBeLessThanOrEqual(now)
        log.timeouts++
        ended = 'fail'
        break
      case 'finish':
        expect(finals).toBe(1)
        expect(committedLast).toBe(triggeredLast)
        expect(deadlines.size).toBe(0)
        ended = 'finish'
    }
  }

  /** The timer rings when it is due, a little late maybe, and everything that time alone asks for has then been done. */
  function wait(ms: number, late: number): void {
    const end = now + ms
    while (timer <= end && ended === undefined) {
      now = Math.max(now, timer + late)
      timer = Infinity
      send({ type: 'tick', now })
      if (ended === undefined) {
        expect(timer).toBeGreaterThan(now)
        expect(Math.min(...deadlines.values())).toBeGreaterThan(now)
        const free = deadlines.size < given.maxConcurrent && finals === 0
        if (free) expect(Math.max(startedAt + given.interval, endedAt + given.minPause)).toBeGreaterThan(now)
      }
    }
    now = Math.max(now, end)
  }

  function act(one: Action): void {
    if (one.do === 'wait') wait(one.ms, one.late)
    else if (one.do === 'commit') commit()
    else if (one.do === 'prepare' || one.do === 'store') advance(one.do, one.pick)
    else end({ type: one.do === 'stop' ? 'stopRequested' : 'exhausted', now })
  }

  function end(event: CoordinatorEvent): void {
    stopAsked = true
    send(event)
  }

  function commit(): void {
    const checkpoint = committing
    if (checkpoint === undefined) return
    committing = undefined
    committedLast = checkpoint
    endedAt = now
    deadlines.delete(checkpoint)
    log.commits++
    send({ type: 'committed', checkpoint, now })
  }

  function advance(what: 'prepare' | 'store', pick: number): void {
    const queue = what === 'prepare' ? preparing : storing
    const [checkpoint] = queue.splice(pick % Math.max(1, queue.length), 1)
    if (checkpoint === undefined) return
    if (what === 'store') stored.push(checkpoint)
    send(what === 'prepare' ? { type: 'prepared', checkpoint } : { type: 'stored', checkpoint })
  }

  send({ type: 'started', now, last })
  for (const one of actions) if (ended === undefined) act(one)
  return { log, act, isEnded: () => ended }
}

test('whatever happens and whenever, the rules of the coordinator hold', () => {
  const seen = { triggers: 0, commits: 0, timeouts: 0 }
  fc.assert(
    fc.property(settings, fc.nat(1_000), fc.array(action, { maxLength: 100, size: 'max' }), (given, last, actions) => {
      const { log } = live(given, last, actions)
      seen.triggers += log.triggers
      seen.commits += log.commits
      seen.timeouts += log.timeouts
    }),
    { numRuns: 1_000 },
  )
  // The random lives are not idle ones.
  expect(Math.min(seen.triggers, seen.commits, seen.timeouts)).toBeGreaterThan(100)
})

test('a stop always leads to exactly one finish where every checkpoint gets through in time', () => {
  fc.assert(
    fc.property(settings, fc.array(action, { maxLength: 60 }), (given, actions) => {
      const life = live({ ...given, timeout: 1_000_000 }, 0, actions)
      life.act({ do: 'stop' })
      for (let rounds = 0; rounds < 8 && life.isEnded() === undefined; rounds++) {
        for (const what of ['prepare', 'prepare', 'store', 'store', 'commit'] as const) life.act({ do: what, pick: 0 })
      }
      expect(life.isEnded()).toBe('finish')
    }),
    { numRuns: 500 },
  )
})
