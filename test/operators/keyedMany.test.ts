import { describe, expect, it } from 'vitest'
import { type StreamElement, watermark } from '../../src/element.ts'
import { keyBy } from '../../src/operators/keyBy.ts'
import { keyedMany, statefulRules } from '../../src/operators/keyed/keyed.ts'
import type { StatefulOptions } from '../../src/operators/keyed/keyedStep.ts'
import { streamRecord } from '../../src/record.ts'
import type { Stream } from '../../src/stream.ts'
import { type Run, type RunOptions, run, testServices } from '../../src/testing/index.ts'
import { noB } from './contract.ts'
import { valuesOf } from './keyedContract.ts'

type Letters = Stream<string>

/** Counts the letters of both inputs; emits letter, count and input. Event timers say their time. */
function counting(options: StatefulOptions, f: (letter: string) => string = (letter) => letter) {
  return (...inputs: Letters[]): Stream<string> =>
    keyedMany<string, string, string>(
      'counting',
      options,
      statefulRules,
      inputs.map((input) => input.pipe(keyBy((letter) => letter.toLowerCase()))),
      ({ out, store, eventTimers }) => {
        const counts = store.values<string, number>('counts', {
          serde: { encode: (count) => Buffer.of(count), decode: (bytes) => bytes?.[0] ?? 0 },
        })
        return {
          record({ key, value, timestamp }, input) {
            const count = (counts.get(key) ?? 0) + 1
            const letter = f(value)
            counts.set(key, count)
            eventTimers.set(timestamp, key)
            out.next(streamRecord(`${letter}${count} of ${input}`, timestamp, key, [], { topic: '', partition: 0 }, 0))
          },
          onEventTimer: (time, key) =>
            out.next(streamRecord(`${key}@${time}`, time, key, [], { topic: '', partition: 0 }, 0)),
        }
      },
    )
}

const play = (pictures: readonly string[], options: RunOptions = {}): Run<StreamElement<string>> =>
  run(counting({ id: 'counting' }), pictures, { ...options, values: { U: watermark(3), V: watermark(9) } })

describe('an operator with state and two inputs', () => {
  it('has one state for both, and says which input a record is of', () => {
    const result = play(['R-a---a-|', 'R---a---|'])
    expect(valuesOf(result.elements)).toEqual(['a1 of 0', 'a2 of 1', 'a3 of 0'])
  })

  it('counts before barrier 1 exactly what came before it on each input, and continues from there', () => {
    const result = play(['R-a-1-a-----2', 'R-------a-1-2'])
    expect(valuesOf(result.elements)).toEqual(['a1 of 0', 'a2 of 1', 'a3 of 0'])
    const again = play(['R-a', 'R--'], { restoreFrom: result.snapshot(1) })
    expect(valuesOf(again.elements)).toEqual(['a3 of 0'])
  })

  it('fires timers at the lower of the two watermarks', () => {
    const result = play(['Ra--V----|', 'R---U-V--|'])
    expect(valuesOf(result.elements)).toEqual(['a1 of 0', 'a@1'])
    expect(result.marbles.endsWith('|')).toBe(true)
    expect(valuesOf(play(['Ra--V----', 'R---------']).elements)).toEqual(['a1 of 0'])
  })

  it('emits one Restore and one barrier for both', () => {
    const { elements } = play(['R-1-|', 'R-1-|'])
    expect(elements.map(({ kind }) => kind)).toEqual(['restore', 'barrier'])
  })

  it('leaves a bad record out, also one that was held, for the checkpoint that it belongs to, and lets the others go on', () => {
    const services = testServices({ onError: 'skip' })
    const bad = counting({ id: 'counting' }, noB)
    const result = run(bad, ['R-b-1-b-a-----2-|', 'R-------c-1---2-|'], { services })
    expect(valuesOf(result.elements)).toEqual(['c1 of 1', 'a1 of 0'])
    expect(services.skipped.map(({ checkpoint, operator }) => [checkpoint, operator])).toEqual([
      [1, 'counting'],
      [2, 'counting'],
    ])
    const failing = run(bad, ['R-a-1-b', 'R---1--'])
    expect(failing.error).toMatchObject({
      code: 'OPERATOR_FAILED',
      badRecord: true,
      where: { operator: 'counting', topic: 'marbles', partition: 0, offset: 1 },
    })
  })

  it('takes its own onError before that of the job', () => {
    const bad = counting({ id: 'counting', onError: 'skip' }, noB)
    expect(valuesOf(run(bad, ['R-b-a-', 'R----']).elements)).toEqual(['a1 of 0'])
  })

  it('needs an id', () => {
    expect(() => counting({ id: '' })()).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }))
  })
})
