/** Contract of every operator with keyed state, whatever it does to records. */

import { expect, it } from 'vitest'
import { type Barrier, barrier, type StreamElement, watermark, withState } from '../../src/element.ts'
import { keyBy } from '../../src/operators/keyBy.ts'
import type { KeyedOperator } from '../../src/operators/keyed/keyed.ts'
import type { StatefulOptions } from '../../src/operators/keyed/keyedStep.ts'
import { streamRecord } from '../../src/record.ts'
import type { Stream } from '../../src/stream.ts'
import { type MarblePipeline, type RunOptions, run, testServices } from '../../src/testing/index.ts'
import { failsAt } from './contract.ts'

/** The values of the records among the elements. */
export function valuesOf<T>(elements: readonly StreamElement<T>[]): readonly T[] {
  return elements.flatMap((element) => (element.kind === 'record' ? [element.value] : []))
}

/** Options of `run` where records are letters. */
export interface LetterOptions extends RunOptions {
  readonly values?: Readonly<Record<string, string | StreamElement<never>>>
}

type Make = (options: StatefulOptions) => KeyedOperator<string, string, string>

/** Keyed by letter, or by what else there is to key by. */
export const byLetter =
  <R>(operator: (source: Stream<string, string>) => Stream<R>, keyOf = (letter: string): string => letter) =>
  (source: Stream<string>): Stream<R> =>
    source.pipe(keyBy(keyOf), operator)

/**
 * @param make emits for each record exactly one with the same letter
 * @param throwing the same, and its function throws for the letter b
 */
export function behavesAsAKeyedOperator(make: Make, throwing: Make, keyOf?: (letter: string) => string): void {
  const play = (picture: string, options: LetterOptions = {}) => run(byLetter(make({ id: 'op' })), picture, options)

  it('emits in order, completes with its input, and errors with the error of its input', () => {
    expect(play('R-a-b-(cd)-|').marbles).toBe('R-a-b-(cd)-|')
    expect(play('R-|').marbles).toBe('R-|')
    expect(play('-----').marbles).toBe('-----')
    const error = new Error('of the source')
    expect(play('R-a-#', { error })).toMatchObject({ marbles: 'R-a-#', error })
  })

  it('leaves its input when it is unsubscribed, and emits nothing later', () => {
    const result = play('R-a-b-1-c-|', { unsubscribe: '-----!' })
    expect(result).toMatchObject({ marbles: 'R-a-b------', subscriptions: ['^----!'] })
  })

  it('lets restore, watermarks and idle pass unchanged and in their place, and adds its state to barriers', () => {
    const positions = [{ source: 's', splits: [] }]
    const values = { V: watermark(7), B: withState(barrier(3, positions), 'other', 1), I: { kind: 'idle' as const } }
    const { marbles, elements } = play('R-1-a-V-b-I-c-B-|', { values })
    expect(marbles).toBe('R-1-a-V-b-I-c-3-|')
    const passed = elements.filter((e): e is Barrier => e.kind === 'barrier')
    expect(passed.map(({ states }) => states.map(({ operator }) => operator))).toEqual([['op'], ['other', 'op']])
    expect(passed[1]?.positions).toBe(positions)
  })

  it('keeps key, timestamp, headers and place of each record', () => {
    const headers = [{ name: 'h', value: null }]
    const record = streamRecord('x', 1_234, 'key', headers, { topic: 't', partition: 3 }, 99)
    const { elements } = run<string, Stream<string>>(make({ id: 'op' }) as never, 'Rx|', {
      values: { x: record as never },
    })
    expect(elements[1]).toEqual(record)
  })

  it('errors where the function throws, and names the place and the operator', () => {
    const result = run(byLetter(throwing({ id: 'op' }), keyOf), 'R-a-1-b-c-|')
    expect(result).toMatchObject({ marbles: 'R-a-1-#', error: failsAt('op') })
  })

  it('goes on without the record where it is to be skipped, and says which checkpoint it was for', () => {
    const services = testServices()
    const result = run(byLetter(throwing({ id: 'op', onError: 'skip' }), keyOf), 'R-a-1-b-c-|', { services })
    expect(result.marbles).toBe('R-a-1---c-|')
    expect(services.skipped).toMatchObject([{ operator: 'op', checkpoint: 2, record: { value: 'b' } }])
  })

  it('refuses a record without a key: keyBy is missing, and what is no key is one record that is bad', () => {
    const keyless = make({ id: 'op' }) as unknown as MarblePipeline<string, StreamElement<string>>
    const { error, marbles } = run(keyless, 'R-a-|')
    expect(marbles).toBe('R-#')
    expect(error).toMatchObject({
      code: 'NO_KEY',
      consequence: 'fatal',
      badRecord: true,
      where: { operator: 'op', topic: 'marbles', partition: 0, offset: 0 },
      hint: expect.stringContaining('keyBy'),
    })
    const services = testServices({ onError: 'skip' })
    expect(run(keyless, 'R-a-|', { services }).marbles).toBe('R---|')
    expect(services.skipped).toHaveLength(1)
  })

  it.each(['', undefined, 7, 'x'.repeat(201)])('needs an id, at once: %s', (id) => {
    expect(() => make({ id: id as string })).toThrow(
      expect.objectContaining({ code: 'BAD_OPTION', consequence: 'fatal', message: expect.stringContaining('200') }),
    )
  })

  it('cannot have the id of another one', () => {
    const twice = (source: Stream<string>) =>
      source.pipe(
        keyBy((letter) => letter),
        make({ id: 'op' }),
        make({ id: 'op' }),
      )
    expect(run(twice, 'R-a-|')).toMatchObject({
      marbles: '#',
      error: { code: 'DUPLICATE_ID', consequence: 'fatal' },
    })
  })

  it('says what is missing where an element comes before the Restore', () => {
    for (const picture of ['a', '1', 'W']) {
      expect(play(picture)).toMatchObject({ marbles: '#', error: { code: 'NO_RESTORE', where: { operator: 'op' } } })
    }
  })
}
