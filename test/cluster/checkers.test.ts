import { describe, expect, it } from 'vitest'
import { check, checkers } from './checkers.ts'
import type { History, Seen } from './history.ts'

/** One sink with one partition, in which a, b, c and d are expected; letters are what was seen, at offsets 0, 1, 2 and so on. */
function history({ during = 'abcd', final = 'abcd', expected = 'abcd' } = {}): History {
  const sink = {
    topic: 'sink',
    expected: [[...expected]],
    final: [seen(final)],
    during: [seen(during)],
  }
  return { sinks: [sink], aborted: new Set(['x']), standstills: [] }
}

function seen(letters: string): readonly Seen[] {
  return [...letters].map((value, offset) => ({ topic: 'sink', partition: 0, offset, value }))
}

function standstill(...counts: readonly number[]): History {
  const [sink] = history().sinks as [History['sinks'][number]]
  return {
    ...history(),
    sinks: [sink, { ...sink, topic: 'other' }],
    standstills: [counts.map((count) => [count])],
  }
}

describe('the checkers of a run', () => {
  it('find nothing where all is well, nor where the reader is not through yet but for "unseen"', () => {
    expect(check(history())).toEqual({})
    expect(check(standstill(3, 3))).toEqual({})
    expect(Object.keys(check(history({ during: 'ab' })))).toEqual(['unseen'])
  })

  it.each([
    ['lost', history({ during: 'abc', final: 'abc' }), ['sink 0: d']],
    ['duplicate', history({ during: 'abcdb', final: 'abcdb' }), ['sink 0: b']],
    ['phantom', history({ during: 'abcdz', final: 'abcdz' }), ['sink 0: z']],
    ['abortedRead', history({ during: 'abxcd', final: 'abcd' }), ['sink 0: x']],
    ['reordered', history({ during: 'acbd', final: 'acbd' }), ['sink 0: b after c']],
    ['skipped', history({ during: 'acd', final: 'abcd' }), ['sink 0: b before c', 'sink 0: b before d']],
    ['vanished', history({ during: 'abcde', final: 'abcd' }), ['sink 0: e at 4']],
    ['unseen', history({ during: 'abc', final: 'abcd' }), ['sink 0: d at 3']],
    ['torn', standstill(3, 2), ['standstill 0, partition 0: sink has 3, other has 2']],
  ] as const)('name what is "%s"', (name, of, findings) => {
    expect(check(of)[name]).toEqual(findings)
  })

  it('name what goes "backwards": an offset that was shown before, or lies before one that was', () => {
    const [sink] = history().sinks as [History['sinks'][number]]
    const twice = [...(sink.during[0] as readonly Seen[]), { topic: 'sink', partition: 0, offset: 1, value: 'b' }]
    const found = check({ ...history(), sinks: [{ ...sink, during: [twice] }] })
    expect(found).toEqual({ backwards: ['sink 0: b at 1 after 3'] })
  })

  it('name a record that has changed at its offset, and one that was seen in an aborted transaction only', () => {
    expect(Object.keys(check(history({ during: 'abcz', final: 'abcd' })))).toEqual(['vanished', 'unseen'])
    expect(Object.keys(check(history({ during: 'abcdx', final: 'abcd' })))).toEqual(['abortedRead', 'vanished'])
  })

  it('tell lost from duplicate from reordered: each fires alone where it is alone', () => {
    expect(Object.keys(check(history({ during: 'abc', final: 'abc' })))).toEqual(['lost'])
    expect(Object.keys(check(history({ during: 'abcdd', final: 'abcdd' })))).toEqual(['duplicate'])
    expect(Object.keys(check(history({ during: 'abdc', final: 'abdc' })))).toEqual(['reordered', 'skipped'])
  })

  it('are all shown to fire here', () => {
    expect(Object.keys(checkers).length).toBe(10)
  })
})
