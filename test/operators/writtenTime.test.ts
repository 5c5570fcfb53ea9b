/** The timestamp that sinks write of a result that lies ahead of its input. A frame is a millisecond of event time. */
import { describe, expect, it } from 'vitest'
import type { StreamElement } from '../../src/element.ts'
import {
  type KeyedOperator,
  keyBy,
  keyedProcess,
  map,
  mapWithState,
  scan,
  session,
  sliding,
  text,
  tumbling,
  window,
} from '../../src/index.ts'
import { paneSpec } from '../../src/operators/windows/pane.ts'
import type { StreamRecord } from '../../src/record.ts'
import { run, type TestSnapshot } from '../../src/testing/index.ts'

const joined = { id: 'w' }
const concat = (a: string, b: string) => a + b

function play<R>(operator: KeyedOperator<string, string, R>, picture: string, restoreFrom?: TestSnapshot) {
  return run(
    (input) =>
      input.pipe(
        keyBy(() => 'k'),
        operator,
      ),
    picture,
    { restoreFrom },
  )
}

/** "value@timestamp/written" of each record. */
function written(elements: readonly StreamElement<unknown>[]): string {
  return elements
    .filter((element): element is StreamRecord<unknown> => element.kind === 'record')
    .map(({ value, timestamp, writtenTime }) => `${value}@${timestamp}/${writtenTime ?? timestamp}`)
    .join(' ')
}

describe('the result of a window', () => {
  it.each([
    ['tumbling', tumbling(10), 'R-a-b----W|', 'ab@9/4'],
    ['sliding', sliding(10, 5), 'R-a-b-c-------W|', 'ab@4/4 abc@9/6 c@14/6'],
    ['session', session(5), 'R-a-b-----W|', 'ab@8/4'],
    ['with a record in its last millisecond', tumbling(4), 'R--a---W|', 'a@3/3'],
  ])('is written with the time of its latest record: %s', (_, assigner, picture, expected) => {
    expect(written(play(window(assigner as never).reduce(concat, joined), picture).elements)).toBe(expected)
  })

  it('is written so after a restore, and where sessions have merged', () => {
    for (const [assigner, after, expected] of [
      [tumbling(20), 'R-c--<watermark 19>|', 'abc@19/4'],
      [session(9), 'R-----c--<watermark 30>|', 'abc@14/6'],
    ] as const) {
      const operator = window(assigner as never).reduce<string, string>(concat, joined)
      const before = play(operator, 'R-a-b1')
      expect(written(play(operator, after, before.snapshot(1)).elements)).toBe(expected)
    }
  })

  it('keeps that time through whatever comes after it', () => {
    const { elements } = run(
      (input) =>
        input.pipe(
          keyBy(() => 'k'),
          window(tumbling(10)).reduce<string, string>(concat, joined),
          map((value: string) => `${value}!`),
          keyBy<string, string>(() => 'other'),
          scan((all: string, value: string) => all + value, '', { id: 's' }),
          mapWithState((n: number, value) => [n + 1, value], 0, { id: 'm' }),
        ),
      'R-a-b----W|',
    )
    expect(elements.filter(({ kind }) => kind === 'record')).toMatchObject([{ timestamp: 9, writtenTime: 4 }])
  })

  it('begins no earlier than its window, if an older snapshot does not say', () => {
    const { serde } = paneSpec({ serde: text })
    const old = Buffer.alloc(1 + 3 * 8 + 1)
    old.writeUInt8(1 | 2)
    for (const [at, number] of [20, 30, 29].entries()) old.writeDoubleBE(number, 1 + 8 * at)
    old.write('x', 25)
    expect(serde.decode(old)).toMatchObject({ start: 20, end: 30, timer: 29, contents: 'x', latest: 20 })
  })
})

describe('what a timer puts out', () => {
  const late = keyedProcess<string, string, never, string>(
    {
      onElement: (_, { timers, record }) => timers.event.set(record.timestamp + 100),
      onEventTimer: (time) => [`t${time}`],
    },
    { id: 'p' },
  )

  it('is written with the highest time that has come, if the end of the input rings it', () => {
    expect(written(play(late, 'R-a-b|').elements)).toBe('')
    const { elements } = play(late, 'R-a-b<watermark Infinity>|')
    expect(written(elements)).toBe('t102@102/4 t104@104/4')
  })
})
