import { describe, expect, it } from 'vitest'
import { exponentialDelay, failureRate, fixedDelay, noRestart, type RestartPolicy } from '../../src/job/restart.ts'

/** The delays that a policy answers to failures at these times, each of an attempt that had just started. */
const delays = (policy: RestartPolicy, times: readonly number[]) => times.map((now) => policy({ now, startedAt: now }))

describe('restart strategies', () => {
  it.each<[string, () => unknown]>([
    ['fixedDelay attempts', () => fixedDelay({ attempts: Number.NaN, delay: 5 })],
    ['fixedDelay delay', () => fixedDelay({ attempts: 3 } as never)],
    ['fixedDelay delay', () => fixedDelay({ attempts: 3, delay: 2 ** 31 })],
    ['exponentialDelay initial', () => exponentialDelay({ initial: Number.NaN })],
    ['exponentialDelay max', () => exponentialDelay({ max: Infinity })],
    ['exponentialDelay multiplier', () => exponentialDelay({ multiplier: 0.5 })],
    ['exponentialDelay jitter', () => exponentialDelay({ jitter: 5 })],
    ['exponentialDelay resetAfter', () => exponentialDelay({ resetAfter: -1 })],
    ['exponentialDelay attempts', () => exponentialDelay({ attempts: 1.5 })],
    ['failureRate failures', () => failureRate({ failures: '3' as never, interval: 5, delay: 5 })],
    ['failureRate interval', () => failureRate({ failures: 3, interval: 0, delay: 5 })],
    ['failureRate delay', () => failureRate({ failures: 3, interval: 5, delay: -5 })],
  ])('refuse a number that would make a timer fire at once, or never: %s', (name, make) => {
    const [of, option] = name.split(' ')
    expect(make).toThrow(new RegExp(`BAD_OPTION: ${of}: ${option} is`))
  })

  it('noRestart gives up at once', () => {
    expect(delays(noRestart()(Math.random), [0])).toEqual([null])
  })

  it('fixedDelay gives up after its attempts', () => {
    expect(delays(fixedDelay({ attempts: 2, delay: 70 })(Math.random), [0, 1, 2])).toEqual([70, 70, null])
  })

  it('fixedDelay counts anew for each execution', () => {
    const strategy = fixedDelay({ attempts: 1, delay: 5 })
    expect(delays(strategy(Math.random), [0])).toEqual([5])
    expect(delays(strategy(Math.random), [0])).toEqual([5])
  })

  it('exponentialDelay doubles up to its longest delay', () => {
    const policy = exponentialDelay({ initial: 100, max: 500, jitter: 0 })(Math.random)
    expect(delays(policy, [0, 1, 2, 3, 4])).toEqual([100, 200, 400, 500, 500])
  })

  it('exponentialDelay takes its random share off the delay', () => {
    const policy = exponentialDelay({ initial: 1_000, jitter: 0.2 })(() => 0.5)
    expect(delays(policy, [0])).toEqual([900])
  })

  it('exponentialDelay starts anew after an attempt that ran long enough', () => {
    const policy = exponentialDelay({ initial: 100, jitter: 0, resetAfter: 1_000 })(Math.random)
    expect(delays(policy, [0, 1])).toEqual([100, 200])
    expect(policy({ now: 5_000, startedAt: 4_000 })).toBe(100)
    expect(policy({ now: 5_999, startedAt: 5_000 })).toBe(200)
  })

  it('exponentialDelay gives up after its attempts', () => {
    expect(delays(exponentialDelay({ attempts: 1, jitter: 0 })(Math.random), [0, 1])).toEqual([100, null])
  })

  it('failureRate gives up only when failures come too close together', () => {
    const policy = failureRate({ failures: 2, interval: 100, delay: 10 })(Math.random)
    expect(delays(policy, [0, 60, 120, 181])).toEqual([10, 10, 10, 10])
    expect(delays(policy, [200])).toEqual([null])
  })
})
