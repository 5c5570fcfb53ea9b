import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { onAbort, sleep, steadyClock, systemClock } from '../src/clock.ts'
import { virtualClock } from '../src/testing/virtualClock.ts'

describe('onAbort', () => {
  it('acts at once if the signal is aborted already', () => {
    let acted = 0
    onAbort(AbortSignal.abort(), () => acted++)
    expect(acted).toBe(1)
  })

  it('leaves nothing on a signal that outlives what it was for', () => {
    const [job, attempt] = [new AbortController(), new AbortController()]
    onAbort(job.signal, () => expect.unreachable(), attempt.signal)
    attempt.abort()
    expect(getEventListeners(job.signal, 'abort')).toHaveLength(0)
    job.abort()
  })
})

describe('a clock without a monotonic reading', () => {
  it('passes time as it comes, and none if it is set back', () => {
    let [now, timers] = [1_000, 0]
    const given = { now: () => now, setTimeout: () => timers++, clearTimeout: () => undefined }
    const clock = steadyClock(given)
    const passed = [0, 400, -3_600_000, 0, 50].map((step) => {
      now += step
      return clock.monotonic()
    })
    expect(passed).toEqual([0, 400, 400, 400, 450])
    clock.setTimeout(() => undefined, 1)
    expect([clock.now(), timers]).toEqual([now, 1])
  })

  it('is left alone if it has one', () => {
    expect(steadyClock(systemClock)).toBe(systemClock)
  })
})

describe('the system clock', () => {
  it('measures time by a clock that is not the time of day', () => {
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1_000)
    expect(Math.abs(systemClock.monotonic() - performance.now())).toBeLessThan(1_000)
  })
})

describe('sleep', () => {
  it('ends after its time and leaves nothing on the signals', async () => {
    const [clock, controller] = [virtualClock(), new AbortController()]
    const asleep = sleep(clock, 50, controller.signal)
    clock.advance(50)
    await asleep
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
    expect(clock.timers).toBe(0)
  })

  it('ends when one of the signals is aborted, and leaves no timer', async () => {
    const [clock, controller] = [virtualClock(), new AbortController()]
    const asleep = sleep(clock, 50, AbortSignal.any([]), controller.signal)
    controller.abort()
    await asleep
    expect(clock.timers).toBe(0)
  })

  it('does not even begin if a signal is aborted already', async () => {
    const clock = virtualClock()
    await sleep(clock, 50, AbortSignal.abort())
    expect(clock.timers).toBe(0)
  })
})
