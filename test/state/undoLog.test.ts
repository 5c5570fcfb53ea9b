import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plainSpec } from '../../src/state/stateOptions.ts'
import { timers } from '../../src/state/timers.ts'
import { undoable, undoableTimers, undoLog } from '../../src/state/undoLog.ts'
import { testStates } from '../../src/testing/testStates.ts'

const keys = ['a', 'b']

function opened() {
  const log = undoLog()
  const store = testStates().open('op')
  const noted = undoable(store, log)
  const values = noted.values<string, number>('values', plainSpec({}))
  const maps = noted.maps<string, string, number>('maps', plainSpec({}))
  const alarms = undoableTimers(
    timers<string>(store, 'timers', () => undefined),
    log,
  )
  const act = ([what, key, sub, number]: Act): void => {
    if (what === 'set value') values.set(key, number)
    else if (what === 'delete value') values.delete(key)
    else if (what === 'set entry') maps.set(key, sub, number)
    else if (what === 'delete entry') maps.delete(key, sub)
    else if (what === 'clear') maps.clear(key)
    else if (what === 'set timer') alarms.set(number, key)
    else alarms.delete(number, key)
  }
  /** All that there is; timers as they would ring. */
  const seen = () => ({
    values: keys.map((key) => values.get(key)),
    maps: keys.map((key) => keys.map((sub) => [maps.has(key, sub), maps.get(key, sub)])),
    counts: [values.size, maps.size, ...keys.map((key) => [maps.count(key), maps.subs(key).toSorted()])],
    keys: [[...values.keys()].sort(), [...maps.keys()].sort()],
    timers: [alarms.next, ...[0, 1, 2].map((time) => keys.map((key) => alarms.has(time, key)))],
  })
  const rung = (): readonly string[] => {
    const all: string[] = []
    alarms.fire(9, (time, key) => all.push(`${time}${key}`))
    return all.sort()
  }
  return { log, act, seen, rung }
}

const acts = ['set value', 'delete value', 'set entry', 'delete entry', 'clear', 'set timer', 'delete timer'] as const
const act = fc.tuple(fc.constantFrom(...acts), fc.constantFrom(...keys), fc.constantFrom(...keys), fc.nat(2))
type Act = typeof act extends fc.Arbitrary<infer A> ? A : never

describe('an undo log', () => {
  it('takes back whatever was done since it began, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(act), fc.array(act), (before, during) => {
        const [one, other] = [opened(), opened()]
        for (const each of [one, other]) for (const a of before) each.act(a)
        one.log.begin()
        for (const a of during) one.act(a)
        one.log.undo()
        expect(one.seen()).toEqual(other.seen())
        expect(one.rung()).toEqual(other.rung())
      }),
    )
  })

  it('leaves it as it is where all was well, and remembers nothing of it', () => {
    fc.assert(
      fc.property(fc.array(act), fc.array(act), (during, after) => {
        const [one, other] = [opened(), opened()]
        one.log.begin()
        for (const a of during) one.act(a)
        one.log.end()
        for (const a of after) one.act(a)
        one.log.begin()
        one.log.undo()
        for (const a of [...during, ...after]) other.act(a)
        expect(one.seen()).toEqual(other.seen())
      }),
    )
  })
})
