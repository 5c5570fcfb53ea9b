/**
 * A slow checkpoint names the operators that hold its barrier; one that times out repeatedly is
 * reported.
 */
import { describe, expect, it } from 'vitest'
import { defineJob } from '../../src/job/defineJob.ts'
import { fixedDelay } from '../../src/job/restart.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { asyncMap } from '../../src/operators/asyncMap.ts'
import { merge } from '../../src/operators/merge.ts'
import { to } from '../../src/operators/to.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import { start, upper } from './running.ts'

function stuckIn(where: 'asyncMap' | 'sink') {
  const from = memorySource<string>()
  const never = () => new Promise<never>(() => undefined)
  const into = memorySink<string>({ id: 'payments' })
  const sink = { ...into, open: async (attempt: never) => ({ ...(await into.open(attempt)), prepare: never }) }
  const lookUp = never
  const job =
    where === 'sink'
      ? upper(from, sink)
      : defineJob('stuck', (builder) => builder.from(from).pipe(asyncMap(lookUp, { concurrency: 2 }), to(into)))
  const restart = fixedDelay({ attempts: 2, delay: 100 })
  const running = start(job, { restart, checkpointing: { timeout: 4_000 } })
  from.push('a', 'b', 'c')
  return running
}

describe('a checkpoint that takes long', () => {
  it.each([
    ['asyncMap', 'asyncMap', /2 calls of never are under way, and 0 records wait for one/],
    ['sink', 'payments', /has not flushed/],
  ] as const)(
    'names who holds its barrier, before it times out and when it does: %s',
    async (where, operator, what) => {
      const running = stuckIn(where)
      await running.clock.advanceAsync(2_999)
      expect(running.story()).not.toContain('checkpoint-slow')
      await running.clock.advanceAsync(1)
      expect(running.events).toContainEqual({
        type: 'checkpoint-slow',
        checkpoint: 1,
        elapsed: 2_000,
        timeout: 4_000,
        holding: [{ operator, what: expect.stringMatching(what) }],
      })
      await running.clock.advanceAsync(2_000)
      const failed = running.events.find(({ type }) => type === 'checkpoint-failed')
      expect(failed).toMatchObject({ error: { code: 'CHECKPOINT_TIMEOUT', where: { checkpoint: 1, operator } } })
      expect((failed as { error: Error }).error.message).toMatch(what)
    },
  )

  it('names all operators that hold its barrier', async () => {
    const from = memorySource<string>()
    const never = () => new Promise<never>(() => undefined)
    const job = defineJob('both', (builder) => {
      const lines = builder.from(from)
      return merge(lines.pipe(asyncMap(never)), lines.pipe(asyncMap(never))).pipe(to(memorySink()))
    })
    const running = start(job, { checkpointing: { timeout: 4_000 } })
    from.push('a')
    await running.clock.advanceAsync(5_000)
    const failed = running.events.find(({ type }) => type === 'checkpoint-failed')
    expect((failed as { error: Error }).error.message).toMatch(/waits in asyncMap.*; it also waits in asyncMap/)
  })

  it('says that it has timed out again and again, if nothing was committed in between', async () => {
    const running = stuckIn('sink')
    await running.clock.advanceAsync(20_000)
    const told = running.events.flatMap((event) => (event.type === 'restarting' ? [event.error.message] : []))
    expect(told).toHaveLength(2)
    expect(told[0]).not.toMatch(/in a row/)
    expect(told[1]).toMatch(
      /2 attempts in a row ended the same way.*The barrier waits in payments.*each attempt processes the same records again/,
    )
    expect(running.ended()).toMatchObject({ code: 'CHECKPOINT_TIMEOUT' })
  })

  it('says nothing if it is quick enough, and leaves no timer', async () => {
    const running = start(upper(memorySource<string>(), memorySink()))
    await running.clock.advanceAsync(100_000)
    expect(running.story()).not.toContain('checkpoint-slow')
    await Promise.all([running.handle.cancel(), running.clock.advanceAsync(10)])
    expect(running.clock.timers).toBe(0)
  })
})
