import { describe, expect, it } from 'vitest'
import { seededRandom } from '../faults/seededRandom.ts'
import { type Step, script } from './script.ts'
import { decoded, type Event, outOfOrderness, windowSize, windowStart } from './words.ts'

const shown = { windows: new Map<string, number>(), rules: new Set<string>() }
const eventsOf = (step: Step): readonly Event[] =>
  step.lines.filter(({ topic }) => topic === 'events').map(({ value }) => decoded(value))

describe('what is fed', () => {
  it('is in time, in whatever order the partitions are read', () => {
    const { next } = script(seededRandom(1))
    const highest = new Map<number, number>()
    for (let step = 0; step < 1_000; step++) {
      for (const { topic, partition, value } of next(shown).lines) {
        if (topic !== 'events') continue
        const { time } = decoded(value)
        const before = highest.get(partition) ?? 0
        expect(time).toBeGreaterThan(before - outOfOrderness)
        highest.set(partition, Math.max(before, time))
      }
    }
  })

  it('is late only for a window whose result is there, and says so', () => {
    const made = script(seededRandom(2))
    const { next } = made
    const first = windowStart(eventsOf(next(shown))[0]?.time ?? 0) + 3 * windowSize
    const windows = new Map([['w1', first]])
    let late = 0
    for (let step = 0; step < 1_000; step++) {
      const one = next({ ...shown, windows })
      const its = eventsOf(one).filter(({ word, time }) => word === 'w1' && time < first + windowSize)
      if (step < 300) continue
      late += its.length
      if (its.length > 0) expect(one.windows.w1).toBe(windowStart(its[0]?.time ?? 0))
    }
    expect(late).toBeGreaterThan(100)
    expect(late).toBeLessThanOrEqual(made.expected.late)
  })

  it('refers to rules that all shards have', () => {
    const { next } = script(seededRandom(3))
    next(shown)
    const made = next({ ...shown, rules: new Set(['r0']) })
    expect(made.rules).toEqual(['r0'])
    expect(eventsOf(made).every(({ rule }) => rule === 'r0')).toBe(true)
  })

  it('ends with records that close all windows', () => {
    const { next, end, steps } = script(seededRandom(4))
    const last = Math.max(...Array.from({ length: 100 }, () => eventsOf(next(shown)).map(({ time }) => time)).flat())
    expect(eventsOf(end()).every(({ time }) => time - outOfOrderness > last + windowSize)).toBe(true)
    expect(steps).toHaveLength(101)
  })

  it('is the same for the same seed', () => {
    const [one, other] = [script(seededRandom(5)), script(seededRandom(5))]
    for (let step = 0; step < 50; step++) expect(one.next(shown)).toEqual(other.next(shown))
    expect(one.expected).toEqual(other.expected)
  })
})
