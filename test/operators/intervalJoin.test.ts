import fc from 'fast-check'
import { Subject, merge as together } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { barrier, restore, type StreamElement, watermark } from '../../src/element.ts'
import { intervalJoin } from '../../src/operators/intervalJoin.ts'
import type { Interval } from '../../src/operators/joins/interval.ts'
import { keyBy } from '../../src/operators/keyBy.ts'
import { merge } from '../../src/operators/merge.ts'
import { type SideOutput, sideOutput } from '../../src/operators/sideOutput.ts'
import { streamRecord } from '../../src/record.ts'
import { asStream, type Stream } from '../../src/stream.ts'
import { run, testServices } from '../../src/testing/index.ts'
import { snapshotCollector, type TestSnapshot } from '../../src/testing/testStates.ts'
import { told } from './told.ts'

type Letters = Stream<string>
const id = 'j'
const sameKey = keyBy((_: string) => 'k')

const joined =
  (interval: Interval, late: SideOutput<string>[] = []) =>
  (left: Letters, right: Letters) =>
    left.pipe(
      sameKey,
      intervalJoin(right.pipe(sameKey), interval, (one, other) => one + other, {
        id,
        left: { late: late[0] },
        right: { late: late[1] },
      }),
    )
const near = joined({ from: -2, to: 2 })

describe('intervalJoin', () => {
  it('joins what is near enough, whichever comes first, with the later time and the place of the operator', () => {
    const { elements } = run(near, [
      'Ra-----b-|', //
      'R--x-y---|',
    ])
    expect(told(elements)).toBe('ax@3 by@7')
    expect(elements.find(({ kind }) => kind === 'record')).toEqual({
      ...{ kind: 'record', value: 'ax', timestamp: 3, key: 'k', headers: [] },
      ...{ split: { topic: id, partition: 0 }, offset: -1 },
    })
  })

  it('joins what has equal keys only', () => {
    const byLetter = keyBy((letter: string) => letter.toLowerCase())
    const pairs = (left: Letters, right: Letters) =>
      left.pipe(
        byLetter,
        intervalJoin(right.pipe(byLetter), { from: -9, to: 9 }, (one, other, key) => one + other + key, { id }),
      )
    expect(told(run(pairs, ['Ra-b---', 'R-B-A-C']).elements)).toBe('bBb@3 aAa@4')
  })

  it('finds partners in the order of their times, those of one ms in that of their coming, over a restart too', () => {
    const far = joined({ from: -99, to: 99 })
    const before = run(far, ['R-z-(abcdefghijkl)-1', 'R------------------1'])
    const after = run(far, ['R-', 'Rx'], { restoreFrom: before.snapshot(1) })
    expect(told(after.elements)).toBe(
      [...'zabcdefghijkl'].map((letter) => `${letter}x@${letter === 'z' ? 2 : 4}`).join(' '),
    )
  })

  it('finds partners in the order of their times if they came in another one', () => {
    const at = (timestamp: number) => streamRecord(`${timestamp}`, timestamp, null, [], { topic: 't', partition: 0 }, 0)
    const values = { a: at(7), b: at(5), c: at(6), d: at(5) } as unknown as Readonly<
      Record<string, StreamElement<never>>
    >
    const { elements } = run(joined({ from: -9, to: 9 }), ['Rabcd', 'R----x'], { values })
    expect(told(elements)).toBe('5x@5 5x@5 6x@6 7x@7')
  })

  it('keeps what waits for its partner in the snapshot, and forgets it when the watermark has passed', () => {
    const before = run(near, ['Ra-1', 'R-x1'])
    const { elements } = run(near, ['R---', 'Ryz-'], { restoreFrom: before.snapshot(1) })
    expect(told(before.elements)).toBe('ax@2 1')
    expect(told(elements)).toBe('ay@1 az@2')
    const { elements: later, snapshot } = run(near, ['Ra1-W2-3', 'Rx1-W2-3'])
    expect(told(later)).toBe('ax@1 1 W4 2 3')
    expect([...snapshot(3).entries.values()].flat()).toEqual([])
  })

  it('is late by the lower watermark of both, after a restart too', () => {
    const services = testServices()
    const before = run(near, ['R-<watermark 3>-1', 'R-<watermark 5>-1'], { services })
    expect(told(before.elements)).toBe('W3 1')
    const restoreFrom = before.snapshot(1)
    const again = testServices({ restoreFrom })
    run(near, ['R-a', 'R--x'], { restoreFrom, services: again })
    expect([services.late, again.late]).toEqual([[], [id]])
  })

  it('puts late elements out at the side of their own input, as they are', () => {
    const withLate = (left: Letters, right: Letters) => {
      const lefts = sideOutput<string>()
      const rights = sideOutput<string>()
      const main = joined({ from: -2, to: 2 }, [lefts, rights])(left, right)
      const named = (stream: Letters, name: string) => stream.pipe(keyBy((_, record) => `${name} of ${record.key}`))
      return together(main, named(lefts, 'left'), named(rights, 'right'))
    }
    const services = testServices()
    const { elements } = run(withLate, ['R<watermark 99>-a', 'R<watermark 99>--x'], { services })
    const late = elements.flatMap((e) =>
      e.kind === 'record' ? [{ value: e.value, key: e.key, offset: e.offset }] : [],
    )
    expect(late).toEqual([
      { value: 'a', key: 'left of k', offset: 0 },
      { value: 'x', key: 'right of k', offset: 0 },
    ])
    expect(services.late).toEqual([])
  })

  it('may put both sides out at one side output', () => {
    const withLate = (left: Letters, right: Letters) => {
      const late = sideOutput<string>()
      return merge(joined({ from: -2, to: 2 }, [late, late])(left, right), late)
    }
    const { elements } = run(withLate, ['R<watermark 99>-a', 'R<watermark 99>--x'])
    expect(told(elements)).toBe('W99 a@16 x@17')
  })

  it('does not keep an element that the function throws on, if the job goes on', () => {
    const throwing = (left: Letters, right: Letters) =>
      left.pipe(
        sameKey,
        intervalJoin(
          right.pipe(sameKey),
          { from: -9, to: 9 },
          (one, other) => {
            if (one + other === 'bx') throw new RangeError('no bx')
            return one + other
          },
          { id },
        ),
      )
    const services = testServices({ onError: 'skip' })
    // b is joined with w, then with x: neither comes out, and b is forgotten.
    const { elements } = run(throwing, ['R---b-c--', 'R-wx----y'], { services })
    expect(told(elements)).toBe('cw@6 cx@6 cy@8')
    expect(services.skipped).toMatchObject([{ record: { value: 'b' } }])
    expect(run(throwing, ['R-b', 'Rx-']).error).toMatchObject({ code: 'OPERATOR_FAILED', where: { operator: id } })
  })

  it('refuses an interval that is none', () => {
    const bad: unknown[] = [{ from: 1, to: 0 }, { after: 0, before: 1 }, { from: 0 }, { to: 0 }, {}]
    bad.push(
      { from: 0, after: 0, to: 1 },
      { from: 0.5, to: 1 },
      { from: 0, to: 2 ** 53 },
      { from: -Infinity, to: 0 },
      { from: 0, to: Number.NaN },
    )
    for (const interval of bad) {
      const where = { operator: 'intervalJoin' }
      expect(() => joined(interval as Interval)).not.toThrow()
      expect(() => run(joined(interval as Interval), ['R', 'R'])).toThrow(
        expect.objectContaining({ code: 'BAD_OPTION', where }),
      )
    }
    expect(run(joined({ after: 0, before: 2 }), ['R', 'R']).error).toBeUndefined()
  })

  it('joins exactly what a look at all pairs would, in any order and over any restart', () => {
    const element = fc.record({
      left: fc.boolean(),
      at: fc.integer({ min: -5, max: 20 }),
      key: fc.constantFrom('a', 'b'),
    })
    const interval = fc
      .tuple(fc.integer({ min: -8, max: 8 }), fc.nat(6))
      .map(([from, length]) => ({ from, to: from + length }))
    const cuts = fc.array(fc.nat(30), { maxLength: 3 })
    fc.assert(
      fc.property(fc.array(element, { maxLength: 30 }), cuts, interval, (elements, cuts, { from, to }) => {
        const all = elements.map((one, number) => ({ ...one, number }))
        const expected = all
          .filter(({ left }) => left)
          .flatMap((one) => {
            const partners = all.filter(
              ({ left, key, at }) => !left && key === one.key && at - one.at >= from && at - one.at <= to,
            )
            return partners.map((other) => `${one.number} ${other.number} ${one.key} ${Math.max(one.at, other.at)}`)
          })
        const { pairs, entries } = playOver(all, new Set(cuts), { from, to })
        expect(pairs.toSorted()).toEqual(expected.toSorted())
        expect(entries).toBe(0)
      }),
    )
  })
})

interface Numbered {
  readonly number: number
  readonly left: boolean
  readonly at: number
  readonly key: string
}

/** What the operator makes of the elements, of which none is late, when it is restarted before some of them; and what it still keeps at the end. */
function playOver(all: readonly Numbered[], cuts: ReadonlySet<number>, interval: Interval) {
  const pairs: string[] = []
  const collector = snapshotCollector()
  let checkpoint = 0
  let inputs = start()

  function start(from?: TestSnapshot) {
    const [left, right] = [new Subject<StreamElement<Numbered>>(), new Subject<StreamElement<Numbered>>()]
    const byKey = keyBy(({ key }: Numbered) => key)
    const numbers = intervalJoin(
      asStream<Numbered, unknown>(right).pipe(byKey),
      interval,
      (one: Numbered, other) => `${one.number} ${other.number}`,
      { id },
    )
    asStream<Numbered, unknown>(left)
      .pipe(byKey, numbers)
      .subscribe((element) => {
        if (element.kind === 'record') pairs.push(`${element.value} ${element.key} ${element.timestamp}`)
        else if (element.kind === 'barrier') collector.add(element.checkpoint, element.states)
      })
    const services = testServices({ restoreFrom: from })
    for (const input of [left, right]) input.next(restore(from?.checkpoint ?? 0, from?.states ?? new Map(), services))
    return { left, right }
  }
  const both = (element: StreamElement<never>): void => {
    inputs.left.next(element)
    inputs.right.next(element)
  }
  const take = (): TestSnapshot => {
    checkpoint += 1
    both(barrier(checkpoint))
    return collector.at(checkpoint) as TestSnapshot
  }

  for (const [at, one] of all.entries()) {
    if (cuts.has(at)) inputs = start(take())
    const element = streamRecord(one, one.at, null, [], { topic: 't', partition: 0 }, at)
    if (one.left) inputs.left.next(element)
    else inputs.right.next(element)
    both(watermark(Math.min(...all.slice(at + 1).map((later) => later.at)) - 1))
  }
  // The first one still says what has gone.
  take()
  const { entries } = take()
  return { pairs, entries: [...entries.values()].flat().length }
}
