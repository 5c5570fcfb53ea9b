/**
 * After the event loop was blocked, answers that arrived meanwhile are read before anything times
 * out.
 */
import { describe, expect, it } from 'vitest'
import { deadline, othersTurn, systemClock } from '../../src/clock.ts'
import { deferred } from '../../src/deferred.ts'
import { defineJob } from '../../src/job/defineJob.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { asyncMap } from '../../src/operators/asyncMap.ts'
import { to } from '../../src/operators/to.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import { virtualClock } from '../../src/testing/virtualClock.ts'
import { idleTimer } from '../../src/time/idleTimer.ts'
import { start } from './running.ts'

const blocks = [1_000, 5_000, 20_000]
/** Shorter than any of them, ms. */
const timeout = 500

describe('after the event loop was blocked for 1, 5 and 20 s', () => {
  it.each(blocks)(
    'a deadline gives what has arrived its turn, and as long again for what follows: %i ms',
    async (ms) => {
      const clock = virtualClock()
      let expired = 0
      deadline(clock, timeout, () => (expired += 1))
      const answered = deadline(clock, timeout, () => expect.unreachable())
      clock.block(ms)
      clock.advance(0)
      setImmediate(answered)
      await clock.advanceAsync(Math.min(ms - timeout, timeout) - 1)
      expect(expired).toBe(0)
      await clock.advanceAsync(1)
      expect(expired).toBe(1)
      expect(clock.timers).toBe(0)
    },
  )

  it('a deadline that is cancelled in the turn that it gives does not expire', async () => {
    const cancel = deadline(systemClock, 1, () => expect.unreachable())
    await new Promise((resolve) => setTimeout(resolve, 1))
    cancel()
    await othersTurn()
  })

  it.each(blocks)('a checkpoint that has been acknowledged meanwhile is committed: %i ms', async (ms) => {
    const { from, ended, running, acknowledge } = acknowledging()
    from.push('a')
    await running.clock.advanceAsync(1_000)
    expect(running.story()).toContain('checkpoint-triggered 1')
    running.clock.block(ms)
    running.clock.advance(0)
    acknowledge()
    await running.clock.advanceAsync(1)
    expect(running.story()).toContain('checkpoint-committed 1')
    expect(ended()).toBeUndefined()
  })

  it.each(blocks)('a checkpoint that nobody acknowledges times out all the same: %i ms', async (ms) => {
    const { from, ended, running } = acknowledging()
    from.push('a')
    await running.clock.advanceAsync(1_000)
    running.clock.block(ms)
    await running.clock.advanceAsync(timeout)
    expect(ended()).toMatchObject({ code: 'CHECKPOINT_TIMEOUT' })
    expect(running.clock.timers).toBe(0)
  })

  it.each(blocks)('a call of asyncMap that has settled meanwhile has not timed out: %i ms', async (ms) => {
    const from = memorySource<string>()
    const into = memorySink<string>()
    const called = deferred<string>()
    const job = defineJob('calls', (builder) =>
      builder.from(from).pipe(
        asyncMap(() => called.promise, { timeout }),
        to(into),
      ),
    )
    const running = start(job)
    await running.clock.advanceAsync(0)
    from.push('a')
    await running.clock.advanceAsync(0)
    running.clock.block(ms)
    running.clock.advance(0)
    called.resolve('answer')
    await running.clock.advanceAsync(1_000)
    expect(running.ended()).toBeUndefined()
    expect(into.committed).toEqual(['answer'])
  })

  it.each(blocks)('a split whose records wait to be read is not idle: %i ms', async (ms) => {
    const clock = virtualClock()
    const looks: number[] = []
    const began = clock.monotonic()
    const timer = idleTimer(clock, timeout, (now) => {
      looks.push(now - began)
      return Infinity
    })
    timer.watch()
    clock.block(ms)
    clock.advance(0)
    await clock.advanceAsync(Math.min(ms - timeout, timeout) - 1)
    expect(looks).toEqual([])
    await clock.advanceAsync(1)
    expect(looks).toHaveLength(1)
  })
})

/** A job whose sink has flushed as soon as the test says so. */
function acknowledging() {
  const from = memorySource<string>()
  const into = memorySink<string>()
  const flushed = deferred()
  const sink: typeof into = {
    ...into,
    async open(attempt) {
      const writer = await into.open(attempt)
      const prepare: typeof writer.prepare = (checkpoint) => flushed.promise.then(() => writer.prepare(checkpoint))
      return { ...writer, prepare }
    },
  }
  const running = start(
    defineJob('slow', (builder) => builder.from(from).pipe(to(sink))),
    { checkpointing: { timeout } },
  )
  return { from, running, ended: running.ended, acknowledge: () => flushed.resolve() }
}
