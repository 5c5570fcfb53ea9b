import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LoadableStore } from '../../src/state/operatorStore.ts'
import { timers } from '../../src/state/timers.ts'
import { history, memoryStore } from './history.ts'

function stage(store: LoadableStore = memoryStore()) {
  const loaded: number[] = []
  const due: string[] = []
  const clock = timers<string>(store, 'timers', (next) => loaded.push(next))
  return { store, clock, due, loaded, note: (time: number, key: string) => void due.push(`${key}@${time}`) }
}

describe('timers', () => {
  it('fire in the order of their times, up to the time inclusive, each once', () => {
    const { clock, due, note } = stage()
    clock.set(30, 'a')
    clock.set(10, 'b')
    clock.set(20, 'a')
    clock.set(20, 'c')
    clock.set(20, 'a')
    expect(clock.next).toBe(10)
    clock.fire(9, note)
    clock.fire(20, note)
    clock.fire(20, note)
    expect(due).toEqual(['b@10', 'a@20', 'c@20'])
    expect(clock.next).toBe(30)
  })

  it('do not fire once they are deleted', () => {
    const { clock, due, note } = stage()
    clock.set(10, 'a')
    clock.set(10, 'b')
    clock.delete(10, 'a')
    clock.delete(11, 'never set')
    clock.fire(99, note)
    expect(due).toEqual(['b@10'])
    expect(clock.next).toBe(Infinity)
  })

  it('that a timer sets are fired in the same go, where they are due; those that it deletes are not', () => {
    const { clock, due, note } = stage()
    clock.set(10, 'a')
    clock.set(10, 'b')
    clock.set(15, 'c')
    clock.fire(20, (time, key) => {
      note(time, key)
      if (key !== 'a' || time !== 10) return
      clock.delete(10, 'b')
      clock.set(12, 'a')
      clock.set(5, 'late')
      clock.set(21, 'a')
    })
    expect(due).toEqual(['a@10', 'late@5', 'a@12', 'c@15'])
    expect(clock.next).toBe(21)
  })

  it('all fire at the end of the input, but not those that are set then: one that sets itself again would never stop', () => {
    const { clock, due, note } = stage()
    clock.set(20, 'a')
    clock.set(10, 'b')
    clock.fire(Infinity, (time, key) => {
      note(time, key)
      clock.set(time + 100, key)
      clock.delete(20, 'a')
    })
    expect(due).toEqual(['b@10'])
    expect(clock.next).toBe(110)
  })

  it('are restored, and tell the earliest', () => {
    const { clock, store } = stage()
    store.loaded(1)
    clock.set(10, 'a')
    clock.set(20, 'b')
    const past = history(store)
    past.barrier(1)
    clock.delete(10, 'a')
    past.pull()
    const again = stage()
    past.restore(1, again.store)
    expect(again.loaded).toEqual([10])
    again.clock.fire(99, again.note)
    expect(again.due).toEqual(['a@10', 'b@20'])
  })

  it('that are moved again and again leave nothing behind that must be waited for', () => {
    const { clock, due, note } = stage()
    clock.set(1, 'other')
    for (let time = 1_000_000; time > 990_000; time--) {
      clock.set(time, 'session')
      if (time < 1_000_000) clock.delete(time + 1, 'session')
    }
    clock.fire(2_000_000, note)
    expect(due).toEqual(['other@1', 'session@990001'])
  })

  it('do what a sorted list of them would do', () => {
    const act = fc.record({
      type: fc.constantFrom('set', 'set', 'delete', 'fire'),
      time: fc.integer({ min: 0, max: 30 }),
      key: fc.constantFrom('a', 'b', 'c'),
    })
    fc.assert(
      fc.property(fc.array(act, { maxLength: 200 }), (acts) => {
        const { clock, due, note } = stage()
        const model = new Set<string>()
        const expected: string[] = []
        for (const { type, time, key } of acts) {
          if (type === 'set') clock.set(time, key)
          if (type === 'set') model.add(`${key}@${time}`)
          if (type === 'delete') clock.delete(time, key)
          if (type === 'delete') model.delete(`${key}@${time}`)
          if (type !== 'fire') continue
          clock.fire(time, note)
          const isDue = [...model].filter((timer) => Number(timer.split('@')[1]) <= time)
          for (const timer of isDue) model.delete(timer)
          expected.push(...isDue.sort())
          const rest = [...model].map((timer) => Number(timer.split('@')[1]))
          expect(clock.next).toBe(Math.min(...rest, Infinity))
        }
        expect([...due].sort()).toEqual([...expected].sort())
      }),
    )
  })
})
