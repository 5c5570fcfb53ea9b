import { describe, expect, it } from 'vitest'
import { virtualClock } from '../../src/testing/index.ts'

describe('the virtual clock', () => {
  it('runs what is due in order of time, at its time, and in order of setting if times are equal', () => {
    const clock = virtualClock(1_000)
    const log: string[] = []
    const set = (name: string, delay: number) => clock.setTimeout(() => log.push(`${name}@${clock.now()}`), delay)
    set('late', 30)
    set('soon', 10)
    set('also soon', 10)
    set('negative', -5)
    clock.advance(29)
    expect(log).toEqual(['negative@1000', 'soon@1010', 'also soon@1010'])
    expect([clock.now(), clock.timers]).toEqual([1_029, 1])
    clock.advance(1)
    expect(log.at(-1)).toBe('late@1030')
  })

  it('runs timers that timers set, if they are due too', () => {
    const clock = virtualClock()
    const log: number[] = []
    const again = (): unknown =>
      clock.setTimeout(() => {
        log.push(clock.now())
        again()
      }, 10)
    again()
    clock.advance(35)
    expect(log).toEqual([10, 20, 30])
  })

  it('does not run what was cleared', () => {
    const clock = virtualClock()
    let ran = false
    clock.clearTimeout(
      clock.setTimeout(() => {
        ran = true
      }, 1),
    )
    clock.advance(10)
    expect([ran, clock.timers]).toEqual([false, 0])
  })

  it('passes no time if it is set, and then tells another time of day', () => {
    const clock = virtualClock(1_000_000)
    const before = clock.monotonic()
    let rang = false
    clock.setTimeout(() => {
      rang = true
    }, 50)
    clock.step(-3_600_000)
    clock.advance(49)
    expect([clock.now(), clock.monotonic() - before, rang]).toEqual([1_000_000 - 3_600_000 + 49, 49, false])
    clock.advance(1)
    expect(rang).toBe(true)
  })

  it('lets promises settle in between with advanceAsync', async () => {
    const clock = virtualClock()
    const log: number[] = []
    const loop = async () => {
      await Promise.resolve()
      for (let turn = 0; turn < 3; turn++) {
        await clock.sleep(10)
        log.push(clock.now())
      }
    }
    void loop()
    await clock.advanceAsync(25)
    expect(log).toEqual([10, 20])
    expect(clock.now()).toBe(25)
  })
})
