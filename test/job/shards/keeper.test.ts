import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FatalError } from '../../../src/errors.ts'
import {
  idleKeeper,
  type KeeperCommand,
  type KeeperFacts,
  type KeeperPhase,
  type KeeperState,
  look,
  patience,
  report,
} from '../../../src/job/shards/keeper.ts'

const nobody: KeeperFacts = {
  now: 0,
  plan: 3,
  mine: false,
  targetReady: false,
  free: false,
  evacuates: false,
  isLost: false,
}
const mine: KeeperFacts = { ...nobody, mine: true }

const at = (phase: KeeperPhase, more: Partial<KeeperState> = {}): KeeperState => ({ ...idleKeeper, phase, ...more })

/** "phase command" that follows. */
function after(state: KeeperState, facts: KeeperFacts): string {
  const { state: next, command } = look(state, facts)
  const { type = '', ...rest } = command ?? {}
  return [next.phase, type, ...Object.values(rest)].join(' ').trim()
}

describe('the keeper of a shard', () => {
  it('warms the shard that a plan gives to its member, and is ready once the state is loaded', () => {
    expect(after(at('idle'), nobody)).toBe('idle')
    expect(after(at('idle'), mine)).toBe('warming warm 3')
    const opened = report(at('warming'), { type: 'opened' }, 9)
    expect(after(opened, mine)).toBe('warming')
    expect(report(opened, { type: 'loaded' }, 12)).toMatchObject({ phase: 'ready', since: 12 })
  })

  it('takes over a shard that nobody runs as soon as everything is open', () => {
    const free = { ...mine, free: true }
    expect(after(at('warming'), free)).toBe('warming')
    expect(after(report(at('warming'), { type: 'opened' }, 9), free)).toBe('running run 3')
    const again = look(report(at('warming'), { type: 'opened' }, 9), nobody).state
    expect(after(look(again, mine).state, free)).toBe('warming')
  })

  it('takes it over only when it is free, or after its patience, under the newest plan', () => {
    expect(after(at('ready'), mine)).toBe('ready')
    expect(after(at('ready', { plan: 2 }), { ...mine, free: true })).toBe('running run 3')
    expect(after(at('ready'), { ...mine, now: patience - 1 })).toBe('ready')
    expect(after(at('ready'), { ...mine, now: patience })).toBe('running run 3')
  })

  it('goes on running what the plan has given to another member, until that one is ready', () => {
    expect(after(at('running'), nobody)).toBe('running')
    expect(after(at('running'), { ...nobody, targetReady: true })).toBe('releasing release 3')
    expect(after(at('running'), { ...mine, targetReady: true })).toBe('running')
    expect(after(at('releasing'), { ...nobody, targetReady: true })).toBe('releasing')
    expect(report(at('releasing'), { type: 'stopped' }, 5).phase).toBe('idle')
  })

  it('gives up what it waits for when a newer plan gives it to another member', () => {
    expect(after(at('warming'), nobody)).toBe('idle cancel')
    expect(after(at('ready'), { ...nobody, free: true })).toBe('idle cancel')
  })

  it('releases everything without a target in the end, and begins nothing more', () => {
    const leaving = { ...mine, evacuates: true, free: true }
    expect(after(at('running'), leaving)).toBe('releasing release 3')
    expect(after(at('ready'), leaving)).toBe('idle cancel')
    expect(after(at('idle'), leaving)).toBe('idle')
  })

  it('tries again after a pause when another member has taken the shard over', () => {
    const lost = report(at('running'), { type: 'replaced' }, 100)
    expect(after(lost, { ...mine, now: 1_099 })).toBe('idle')
    expect(after(lost, { ...mine, now: 1_100 })).toBe('warming warm 3')
  })

  it('leaves what has failed or finished as it is, as long as the plan gives it to this member', () => {
    for (const phase of ['failed', 'finished'] as const) {
      expect(after(at(phase), { ...mine, free: true, now: 1e9 })).toBe(phase)
      expect(after(at(phase), nobody)).toBe('idle')
    }
  })

  it('ends a run that cannot go on, wherever it was, and begins the shard anew', () => {
    const other: KeeperFacts = { ...mine, isLost: true, free: true }
    for (const phase of ['warming', 'ready', 'running', 'releasing'] as const)
      expect(after(at(phase, { opened: true }), other)).toBe('idle cancel')
    for (const phase of ['failed', 'finished'] as const) expect(after(at(phase), other)).toBe('idle')
    expect(after(at('idle'), other)).toBe('warming warm 3')
  })

  it('runs a shard only after it was warmed and given to its member, and ends each run once', () => {
    const facts = fc.record({
      now: fc.nat(100_000),
      plan: fc.nat(9),
      mine: fc.boolean(),
      targetReady: fc.boolean(),
      free: fc.boolean(),
      evacuates: fc.boolean(),
      isLost: fc.boolean(),
    })
    const events = fc.constantFrom('opened', 'loaded', 'finished', 'stopped', 'replaced', 'failed')
    fc.assert(
      fc.property(fc.array(fc.oneof(facts, events), { maxLength: 60 }), (story) => {
        let state = idleKeeper
        let alive = false
        let ran = false
        for (const one of story) {
          if (typeof one === 'string') {
            // Nothing is reported of what does not exist.
            const before = one === 'opened' || one === 'loaded'
            if (!alive || before === ran) continue
            state = report(
              state,
              one === 'failed' ? { type: one, error: new FatalError('UNEXPECTED', 'x') } : { type: one },
              0,
            )
            if (!before) alive = ran = false
            continue
          }
          const { state: next, command } = look(state, one)
          state = next
          const type: KeeperCommand['type'] | undefined = command?.type
          if (type === 'warm') expect([alive, one.mine]).toEqual([false, true])
          if (type === 'run') expect([alive, ran, one.mine]).toEqual([true, false, true])
          if (type === 'release') expect([alive, ran]).toEqual([true, true])
          if (type === 'cancel') expect([alive, ran && !one.isLost]).toEqual([true, false])
          if (type === 'warm') alive = true
          if (type === 'run') ran = true
          if (type === 'cancel') alive = ran = false
        }
      }),
    )
  })
})
