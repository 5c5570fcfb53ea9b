import { NEVER, merge as together } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { coGroup } from '../../src/operators/coGroup.ts'
import { keyBy } from '../../src/operators/keyBy.ts'
import { sideOutput } from '../../src/operators/sideOutput.ts'
import { type Outer, windowJoin } from '../../src/operators/windowJoin.ts'
import { type Key, streamRecord } from '../../src/record.ts'
import { text } from '../../src/serde/text.ts'
import { readEntries } from '../../src/state/entries.ts'
import type { Stream } from '../../src/stream.ts'
import { asStream } from '../../src/stream.ts'
import { run, testServices } from '../../src/testing/index.ts'
import type { TestSnapshot } from '../../src/testing/testStates.ts'
import { session, sliding, tumbling } from '../../src/time/windows.ts'
import { told } from './told.ts'

type Letters = Stream<string>
const id = 'w'
const sameKey = keyBy((_: string) => 'k')

const pairs = (left: Letters, right: Letters) =>
  left.pipe(
    sameKey,
    windowJoin(right.pipe(sameKey), tumbling(10), (one, other) => one + other, { id }),
  )

const groups = (left: Letters, right: Letters) =>
  left.pipe(
    sameKey,
    coGroup(
      right.pipe(sameKey),
      session(3),
      (lefts, rights, { key, window }) => [`${lefts.join('')}-${rights.join('')}-${key}-${window.start}-${window.end}`],
      { id },
    ),
  )

/** Those that are not empty once all of the snapshot is read. */
function tablesWithEntries({ entries }: TestSnapshot): readonly string[] {
  const live = new Map<string, Set<string>>()
  for (const { table, bytes } of [...entries.values()].flat()) {
    const keys = live.get(table) ?? new Set()
    live.set(table, keys)
    readEntries(Buffer.from(bytes), (key, sub, value) => {
      const name = `${key.toString('hex')}/${sub.toString('hex')}`
      if (value === undefined) keys.delete(name)
      else keys.add(name)
    })
  }
  return [...live].flatMap(([table, keys]) => (keys.size > 0 ? [table] : []))
}

describe('windowJoin', () => {
  it('gives all pairs of a window when both watermarks have reached its end', () => {
    const { elements } = run(pairs, [
      'Ra-b-----W--', //
      'R-x--y------<watermark 9>',
    ])
    expect(told(elements)).toBe('ax@9 ay@9 bx@9 by@9 W9')
    expect(elements.find(({ kind }) => kind === 'record')).toEqual({
      ...{ kind: 'record', value: 'ax', timestamp: 9, key: 'k', headers: [] },
      ...{ split: { topic: id, partition: 0 }, offset: -1, writtenTime: 5 },
    })
  })

  it('takes up the elements of both sides from the snapshot', () => {
    const before = run(pairs, ['Ra1', 'R1x'])
    const { elements } = run(pairs, ['R--b-------W', 'R-y--------W'], { restoreFrom: before.snapshot(1) })
    expect(told(before.elements)).toBe('1')
    expect(told(elements)).toBe('ay@9 by@9 W11')
  })

  it('keeps nothing of a window that is over', () => {
    const { elements, snapshot } = run(pairs, ['Ra1--------W-2-3', 'Rx1--------W-2-3'])
    expect(told(elements)).toBe('1 ax@9 W11 2 3')
    expect(tablesWithEntries(snapshot(3))).toEqual(['value:left-arrivals', 'value:right-arrivals'])
  })

  it('tells the window, and pairs what is in several windows in each', () => {
    const told1 = (left: Letters, right: Letters) =>
      left.pipe(
        sameKey,
        windowJoin(
          right.pipe(sameKey),
          sliding(10, 5),
          (one, other, { window, key }) => `${one}${other}${key}${window.start}`,
          { id },
        ),
      )
    expect(told(run(told1, ['R-----a-----<watermark 99>', 'R-----x-----<watermark 99>']).elements)).toBe(
      'axk0@9 axk5@14 W99',
    )
  })

  it('counts what is late, or puts it out at the side of its input', () => {
    const services = testServices()
    expect(told(run(pairs, ['R<watermark 50>', 'R<watermark 50>x'], { services }).elements)).toBe('W50')
    expect(services.late).toEqual([id])
    const withLate = (left: Letters, right: Letters) => {
      const lefts = sideOutput<string>()
      const rights = sideOutput<string>()
      const options = { id, left: { late: lefts }, right: { late: rights } }
      const main = left.pipe(
        sameKey,
        windowJoin(right.pipe(sameKey), tumbling(10), (one, other) => one + other, options),
      )
      const named = (stream: Letters, name: string) => stream.pipe(keyBy((_, record) => `${name} of ${record.key}`))
      return together(main, named(lefts, 'left'), named(rights, 'right'))
    }
    const { elements } = run(withLate, ['R<watermark 99>-a', 'R<watermark 99>--x'])
    const late = elements.flatMap((e) => (e.kind === 'record' ? [[e.value, e.key, e.offset, e.timestamp]] : []))
    expect(late).toEqual([
      ['a', 'left of k', 0, 16],
      ['x', 'right of k', 0, 17],
    ])
  })

  it('ends the attempt if the function throws, whatever the policy: no record is at fault', () => {
    const throwing = (left: Letters, right: Letters) =>
      left.pipe(
        sameKey,
        windowJoin(
          right.pipe(sameKey),
          tumbling(10),
          () => {
            throw new RangeError('no')
          },
          { id, onError: 'skip' },
        ),
      )
    const { error } = run(throwing, ['Ra--------W', 'Rx--------W'])
    expect(error).toMatchObject({ code: 'OPERATOR_FAILED', badRecord: false, where: { operator: id } })
  })

  it('keeps each side with its own codec', () => {
    const shouting = { ...text, decode: (bytes: Buffer | null) => `${text.decode(bytes)}!` }
    const coded = (left: Letters, right: Letters) =>
      left.pipe(
        sameKey,
        windowJoin(right.pipe(sameKey), tumbling(10), (one, other) => one + other, {
          id,
          left: { codec: shouting },
          right: { codec: text },
        }),
      )
    const before = run(coded, ['Ra1', 'Rx1'])
    const { elements } = run(coded, ['R<watermark 9>', 'R<watermark 9>'], { restoreFrom: before.snapshot(1) })
    expect(told(elements)).toBe('a!x@9 W9')
  })

  it('refuses what window refuses', () => {
    const wrong = (allowedLateness: number) => () =>
      windowJoin(asStream<unknown, Key>(NEVER), tumbling(10), () => 1, { id, allowedLateness })
    expect(wrong(-1)).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }))
    expect(wrong(1)).not.toThrow()
  })

  it.each(['left', 'right'])('refuses a version of the %s state that does not exist, before the job starts', (side) => {
    const options = { id, [side]: { version: 0 } }
    expect(() => windowJoin(asStream<unknown, Key>(NEVER), tumbling(10), () => 1, options)).toThrow(
      expect.objectContaining({ code: 'BAD_OPTION', where: { operator: id } }),
    )
  })
})

describe('coGroup', () => {
  it('gives both lists, of which one may be empty', () => {
    const { elements } = run(groups, [
      'Ra-b------<watermark 50>', //
      'R-x-----y-<watermark 50>',
    ])
    expect(told(elements)).toBe('ab-x-k-1-6@5 -y-k-8-11@10 W50')
  })

  it('keeps the order in which elements came if sessions become one, over a restart too', () => {
    const before = run(groups, [
      'Ra----b---1', //
      'R-x---y---1',
    ])
    // c, at 4, connects [1, 5) and [6, 9).
    const { elements } = run(groups, ['R---c-<watermark 50>', 'R-----<watermark 50>'], {
      restoreFrom: before.snapshot(1),
    })
    expect(told(elements)).toBe('abc-xy-k-1-9@8 W50')
  })

  it('emits any number of results', () => {
    const outer = (left: Letters, right: Letters) =>
      left.pipe(
        sameKey,
        coGroup(
          right.pipe(sameKey),
          tumbling(10),
          function* (lefts, rights) {
            for (const one of lefts) for (const other of rights.length > 0 ? rights : ['none']) yield `${one} ${other}`
          },
          { id },
        ),
      )
    const end = '-<watermark 99>'
    expect(told(run(outer, [`Rab${end}`, `R--${end}`]).elements)).toBe('a none@9 b none@9 W99')
    expect(told(run(outer, [`R--${end}`, `Rxy${end}`]).elements)).toBe('W99')
  })
})

describe('an outer windowJoin', () => {
  const outer =
    (side: Outer, allowedLateness = 0) =>
    (left: Letters, right: Letters) =>
      left.pipe(
        keyBy((letter) => letter.toLowerCase()),
        windowJoin(
          right.pipe(keyBy((letter) => letter.toLowerCase())),
          tumbling(10),
          (one = '?', other = '?') => one + other,
          { id, outer: side, allowedLateness },
        ),
      )
  const pictures = ['Rab--<watermark 9>|', 'R-BC-<watermark 9>|']
  const play = (side: Outer) =>
    told(run(outer(side), pictures).elements)
      .split(' ')
      .sort()
      .join(' ')

  it('emits what has no partner on the left, on the right or on both sides, with undefined for the partner', () => {
    expect(play('left')).toBe('W9 a?@9 bB@9')
    expect(play('right')).toBe('?C@9 W9 bB@9')
    expect(play('both')).toBe('?C@9 W9 a?@9 bB@9')
  })

  it('emits nothing of a window without elements, and knows what has no partner after a restart', () => {
    const before = run(outer('left'), ['Ra-1', 'R--1'])
    const after = run(outer('left'), ['Rb<watermark 9>|', 'RB<watermark 9>|'], { restoreFrom: before.snapshot(1) })
    expect(told(after.elements)).toBe('a?@9 bB@9 W9')
  })

  it('has one of three sides', () => {
    expect(() => run(outer('inner' as Outer), pictures)).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }))
  })

  it('emits again what was without a partner, if that comes within the lateness', () => {
    const late = streamRecord('A', 5, null, [], { topic: 't', partition: 0 }, 0) as never
    const { elements } = run(outer('left', 50), ['Ra<watermark 9>--|', 'R-<watermark 9>L-|'], { values: { L: late } })
    expect(told(elements)).toBe('a?@9 W9 aA@9')
  })
})
