import fc from 'fast-check'
import { NEVER, Observable, take } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { barrier, idle, type OperatorState, type StreamElement, watermark, withState } from '../../src/element.ts'
import { operate } from '../../src/operators/engine/operate.ts'
import { filter } from '../../src/operators/filter.ts'
import { map } from '../../src/operators/map.ts'
import { merge } from '../../src/operators/merge.ts'
import { share } from '../../src/operators/share.ts'
import type { SourcePosition } from '../../src/record.ts'
import { asStream, type Stream } from '../../src/stream.ts'
import { cold, run, testServices } from '../../src/testing/index.ts'
import { asOperator } from '../../tools/support/asOperator.ts'

const position = (source: string, offset: number): SourcePosition => ({
  source,
  splits: [{ topic: 't', partition: 0, offset }],
})
const barriers = (elements: readonly StreamElement<string>[]) =>
  elements.filter((element) => element.kind === 'barrier')

describe('merge', () => {
  it('emits what each input emits, and completes with the last', () => {
    expect(run(merge, ['R-a---b-|', 'R---c-----|']).marbles).toBe('R-a-c-b---|')
  })

  it('is empty, silent or open as its inputs are', () => {
    expect(run(() => merge(), '---').marbles).toBe('|')
    expect(run(merge, ['R-|', 'R--|']).marbles).toBe('R--|')
    expect(run(merge, ['----', '----']).marbles).toBe('----')
    expect(run(() => merge(asStream(NEVER)), '--').marbles).toBe('--')
    expect(run(merge, 'R-a-1-b-|').marbles).toBe('R-a-1-b-|')
  })

  it('holds an input that has delivered a barrier until the others have', () => {
    const inputs = [
      'R-a-1-b---------2-|',
      'R-----c-1---d---2-|', //
    ]
    expect(run(merge, inputs).marbles).toBe('R-a---c-(1b)d---2-|')
  })

  it('holds three inputs, each as long as need be', () => {
    const result = run(merge, ['R-1-a---------|', 'R---b-1-c-----|', 'R-----d---1---|'])
    expect(result.marbles).toBe('R---b-d---(1ac)|')
  })

  it('lets an input deliver the next barrier before another has delivered the first', () => {
    const result = run(merge, ['R-1-a-2-b---------|', 'R---------1---c-2-|'])
    expect(result.marbles).toBe('R---------(1a)c-(2b)|')
  })

  it('emits one Restore, the first, and no record before it', () => {
    const result = run(merge, ['----R-a-|', '-R-b----|'])
    expect(result.marbles).toBe('-R-b--a-|')
  })

  it('holds nothing in mode at-least-once, and still emits one barrier', () => {
    const services = testServices({ mode: 'at-least-once' })
    const result = run(merge, ['R-1-a-2-b-------|', 'R-------1---c-2-|'], { services })
    expect(result.marbles).toBe('R---a---(b1)c-2-|')
  })

  it('takes a credit for each record that it holds, and returns it afterwards', () => {
    const services = testServices()
    const inFlightAfter = (...pictures: string[]) => {
      run(merge, pictures, { services })
      const { inFlight } = services.credits
      services.credits.give(inFlight)
      return inFlight
    }
    expect(inFlightAfter('R1ab<idle>2c', 'R')).toBe(3)
    expect(inFlightAfter('R1ab2c-', 'R-----1')).toBe(1)
    expect(inFlightAfter('R1ab2c--', 'R----1-2')).toBe(0)
  })

  it('returns the credits of what it held, once, when it is unsubscribed or fails', () => {
    const services = testServices()
    services.credits.take(10)
    run(merge, ['R1abc', 'R----'], { services, unsubscribe: '----!' })
    expect(services.credits.inFlight).toBe(10)
    run(merge, ['R1abc', 'R---#'], { services })
    expect(services.credits.inFlight).toBe(10)
    const firstTwo = (...inputs: Stream<string>[]) => merge(...inputs).pipe(asOperator(take(3)))
    expect(run(firstTwo, ['R1abc', 'R----1'], { services }).marbles).toBe('R----(1a|)')
    expect(services.credits.inFlight).toBe(10)
  })

  it('does not wait for an input that has completed, after what it had left to say', () => {
    const played = (...inputs: string[]) => run(merge, inputs).marbles
    expect(
      played(
        'R-a-|', //
        'R---b-1-c-|',
      ),
    ).toBe('R-a-b-1-c-|')
    expect(
      played(
        'R-1-a-|', //
        'R-------1---b-2-|',
      ),
    ).toBe('R-------(1a)b-2-|')
    expect(
      played(
        'R-1-----|', //
        'R---b-|',
      ),
    ).toBe('R---b-1-|')
  })

  it('errors with the error of any input, and leaves the others', () => {
    const result = run(merge, ['R-a-#', 'R---b-c'], { error: 'the error' })
    expect(result).toMatchObject({ marbles: 'R-a-#', error: 'the error', subscriptions: ['^---!', '^---!'] })
  })

  it('leaves every input when it is unsubscribed, and emits nothing later', () => {
    const result = run(merge, ['R-1-a', 'R-b---1'], { unsubscribe: '----!' })
    expect(result).toMatchObject({ marbles: 'R-b----', subscriptions: ['^---!', '^---!'] })
  })

  it('does not subscribe inputs after one that fails at once', () => {
    const subscribed: string[] = []
    const source = (name: string, picture: string) =>
      asStream<string, unknown>(
        new Observable((subscriber) => {
          subscribed.push(name)
          return cold(picture).subscribe(subscriber)
        }),
      )
    merge(source('a', '#'), source('b', 'R')).subscribe({ error: () => undefined })
    expect(subscribed).toEqual(['a'])
  })

  it('refuses a barrier before the Restore', () => {
    expect(run(merge, ['1', '-']).error).toMatchObject({ code: 'NO_RESTORE', where: { operator: 'merge' } })
  })

  it('refuses barriers of different checkpoints', () => {
    expect(run(merge, ['R1', 'R2']).error).toMatchObject({ code: 'BARRIERS_OUT_OF_STEP', consequence: 'fatal' })
  })

  describe('the barrier', () => {
    it('carries the positions and states of all inputs', () => {
      const values = {
        A: withState(barrier(1, [position('a', 5)]), 'op a', 'A'),
        B: withState(barrier(1, [position('b', 7)]), 'op b', 'B'),
      }
      const { elements } = run(merge, ['RA', 'R-B'], { values })
      expect(barriers(elements)).toEqual([
        barrier(
          1,
          [position('a', 5), position('b', 7)],
          [
            { operator: 'op a', state: 'A' },
            { operator: 'op b', state: 'B' },
          ],
        ),
      ])
    })

    it('refuses two operators of one id', () => {
      const state = (): OperatorState => ({ operator: 'twice', state: 1 })
      const values = { A: barrier(1, [], [state()]), B: barrier(1, [], [state()]) }
      expect(run(merge, ['RA', 'RB'], { values }).error).toMatchObject({ code: 'DUPLICATE_ID' })
    })
  })

  describe('of two branches of one source', () => {
    const counting = operate<string, string>('count', (out) => ({
      record: (record) => out.next(record),
      barrier: (passing) => out.next(withState(passing, 'count', 1)),
    }))

    it('keeps the order of each branch, and names the source and what precedes the fork once', () => {
      const diamond = (source: Stream<string>) => {
        const shared = source.pipe(counting, share())
        return merge(
          shared.pipe(map((letter) => letter.toUpperCase())),
          shared.pipe(filter((letter) => letter !== 'b')),
        )
      }
      const values = { X: barrier(1, [position('s', 3)]) }
      const result = run(diamond, 'R-a---b-X-c---|', { values })
      expect(result.marbles).toBe('R-(Aa)B-1-(Cc)|')
      expect(barriers(result.elements)).toEqual([barrier(1, [position('s', 3)], [{ operator: 'count', state: 1 }])])
      expect(result.subscriptions).toEqual(['^-------------!'])
    })
  })

  describe('the watermark', () => {
    const values = { V: watermark(3), W: watermark(5), X: watermark(9), I: idle, Z: watermark(Infinity) }
    const merged = (...pictures: string[]) => run(merge, pictures, { values }).marbles

    it('is the lowest of the inputs, and only rises', () => {
      expect(merged('R-X-----', 'R---W---')).toBe('R---W---')
      expect(merged('R-W-X---', 'R---W-X-')).toBe('R---W-X-')
      expect(merged('R-W---V-X', 'R---W----')).toBe('R---W----')
    })

    it('never falls because one input says less than before', () => {
      expect(merged('R-X-V-----', 'R-----W-X-')).toBe('R-----W-X-')
    })

    it('waits for an input that has completed while records of it are held', () => {
      expect(merged('R-1-a|----', 'R-----W-1-')).toBe('R-------(1aW)')
    })

    it('waits for an input that has said nothing yet', () => {
      expect(merged('R-W-X-', 'R-----')).toBe('R-----')
    })

    it('leaves out idle inputs until their next record', () => {
      expect(merged('R-W---', 'R---I-')).toBe('R---W-')
      expect(merged('R-W-------X-', 'R---I---a---')).toBe('R---W---a---')
      expect(merged('R-W---X---', 'R---I-----')).toBe('R---W-X---')
    })

    it('counts an idle input again from its next watermark', () => {
      expect(merged('R-X-----', 'R-I-W---')).toBe('R-X-----')
      expect(merged('R-W-----X-', 'R-I-W-----')).toBe('R-W-------')
    })

    it('is idle once all inputs are, and again after it was not', () => {
      expect(merged('R-I-----', 'R---I-I-')).toBe('R---I---')
      expect(merged('R-I---a-I-', 'R---I-----')).toBe('R---I-a-I-')
      expect(merged('R-I---W-I-', 'R---I-----')).toBe('R---I-W-I-')
      expect(merged('R-I-a---', 'R---I---')).toBe('R---a---')
    })

    it('leaves out inputs that have completed', () => {
      expect(merged('R-W---|', 'R-X-----')).toBe('R-W---X-')
      expect(merged('R-I---', 'R---|-')).toBe('R---I-')
      expect(merged('R-|', 'R-|')).toBe('R-|')
    })

    it('passes the end of all inputs on', () => {
      expect(merged('R-Z---|', 'R---Z-|')).toBe('R---Z-|')
    })

    it('is held with the records behind a barrier', () => {
      expect(merged('R-1-W---', 'R-W---1-')).toBe('R-----(1W)')
    })
  })

  it('cuts at barrier n exactly what each input had emitted before its barrier n, whatever the timing', () => {
    const letters = fc.array(fc.array(fc.constantFrom('a', 'b', 'c', '-'), { maxLength: 4 }), {
      minLength: 4,
      maxLength: 4,
    })
    const input = letters.map((cuts) => `R${cuts.map((cut, at) => cut.join('') + (at < 3 ? at + 1 : '|')).join('')}`)
    fc.assert(
      fc.property(fc.array(input, { minLength: 1, maxLength: 4 }), (pictures) => {
        const services = testServices()
        const { elements, error } = run(merge, pictures, { services })
        const parts: StreamElement<string>[][] = [[]]
        for (const element of elements) {
          if (element.kind === 'barrier') parts.push([])
          else if (element.kind === 'record') parts.at(-1)?.push(element)
        }
        for (const [partition, picture] of pictures.entries()) {
          const wanted = picture.replace(/[R|-]/g, '').split(/\d/)
          const seen = parts.map((part) =>
            part.map((e) => (e.kind === 'record' && e.split.partition === partition ? e.value : '')).join(''),
          )
          expect(seen).toEqual(wanted)
        }
        expect([error, services.credits.inFlight]).toEqual([undefined, 0])
      }),
    )
  })
})
