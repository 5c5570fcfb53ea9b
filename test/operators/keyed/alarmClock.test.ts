import { describe, expect, it } from 'vitest'
import { alarmClock } from '../../../src/operators/keyed/alarmClock.ts'
import { virtualClock } from '../../../src/testing/index.ts'

function stage(start = 0) {
  const clock = virtualClock(start)
  const rung: number[] = []
  const alarm = alarmClock(clock, (now) => rung.push(now))
  return { clock, rung, alarm }
}

describe('the alarm clock', () => {
  it('rings once, at the earliest of the times that it is set to', () => {
    const { clock, rung, alarm } = stage()
    for (const time of [30, 10, 20, Infinity]) alarm.set(time)
    clock.advance(100)
    expect(rung).toEqual([10])
    alarm.set(150)
    clock.advance(100)
    expect(rung).toEqual([10, 150])
  })

  it('rings at once for what is past', () => {
    const { clock, rung, alarm } = stage(1_000)
    alarm.set(5)
    clock.advance(0)
    expect(rung).toEqual([1_000])
  })

  it('waits longer than a timer of Node can', () => {
    const { clock, rung, alarm } = stage()
    const year = 365 * 24 * 3_600_000
    let longest = 0
    const watched = {
      ...clock,
      setTimeout(then: () => void, delay: number) {
        longest = Math.max(longest, delay)
        return clock.setTimeout(then, delay)
      },
    }
    alarmClock(watched, (now) => rung.push(now)).set(year)
    clock.advance(year - 1)
    expect(rung).toEqual([])
    clock.advance(1)
    expect(rung).toEqual([year])
    expect(longest).toBeLessThan(2 ** 31)
    alarm.stop()
  })

  it('goes by the time of day: set forward it rings within a minute, set back that much later', () => {
    const { clock, rung, alarm } = stage()
    alarm.set(3_600_000)
    clock.step(4_000_000)
    clock.advance(60_000)
    expect(rung).toHaveLength(1)
    alarm.set(5_000_000)
    clock.step(-1_000_000)
    clock.advance(1_000_000)
    expect(rung).toHaveLength(1)
    clock.advance(1_000_000)
    expect(rung).toHaveLength(2)
  })

  it('rings no more once it is stopped, and cannot be set again', () => {
    const { clock, rung, alarm } = stage()
    alarm.set(10)
    alarm.stop()
    alarm.set(5)
    clock.advance(100)
    expect([rung, clock.timers]).toEqual([[], 0])
  })

  it('holds one timer at most', () => {
    const { clock, alarm } = stage()
    for (let time = 100; time > 0; time--) alarm.set(time)
    expect(clock.timers).toBe(1)
  })
})
