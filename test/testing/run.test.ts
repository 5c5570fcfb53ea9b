import { Observable, map as rxMap } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { type StreamElement, watermark } from '../../src/element.ts'
import { keyBy } from '../../src/operators/keyBy.ts'
import { map } from '../../src/operators/map.ts'
import { mapWithState } from '../../src/operators/mapWithState.ts'
import { merge } from '../../src/operators/merge.ts'
import { scan } from '../../src/operators/scan.ts'
import { share } from '../../src/operators/share.ts'
import { asStream, type Stream } from '../../src/stream.ts'
import { run, runInTime, testServices } from '../../src/testing/index.ts'
import { asOperator } from '../../tools/support/asOperator.ts'

const same = <T>(source: Stream<T>) => source

describe('run', () => {
  it('draws what comes out, with the letters of the values', () => {
    const double = map((value: number) => value * 2)
    expect(run(double, 'R-a-1-b-|', { values: { a: 1, b: 2, c: 4 } }).marbles).toBe('R-b-1-c-|')
  })

  it('takes records that are written as JSON, of any type, without values', async () => {
    const double = map((value: number) => value * 2)
    expect(run(double, 'R-<3>-1-<4>-|').marbles).toBe('R-<6>-1-<8>-|')
    expect((await runInTime(double, 'R-<3>-|')).marbles).toBe('R-<6>-|')
    expect(run((a: Stream<number>, b: Stream<number>) => merge(a, b), ['R-<1>----|', 'R-----<2>|']).error).toBe(
      undefined,
    )
  })

  it('draws to the end of the picture if the output does not end', () => {
    expect(run(same, 'R-a---').marbles).toBe('R-a---')
    expect(run(() => new Observable<StreamElement<string>>(), 'R-a---').marbles).toBe('------')
  })

  it('errors at a barrier with state that does not encode, as a job ends there', () => {
    const toNaN = (letters: Stream<string>) =>
      letters.pipe(
        keyBy((letter) => letter),
        scan(() => Number.NaN, 0, { id: 'count' }),
        map(() => 'x'),
      )
    const { marbles, error } = run(toNaN, 'R-a-1-a-|')
    expect(marbles).toBe('R-x-(1#)')
    expect(error).toMatchObject({ code: 'STATE_NOT_ENCODABLE', where: { operator: 'count' } })
  })

  it('gives the elements and the error', () => {
    const error = new Error('broken')
    const result = run(same, 'W-#', { error, values: { W: watermark(1) } })
    expect(result).toMatchObject({ marbles: 'W-#', elements: [watermark(1)] })
    expect(result.error).toBe(error)
  })

  it('unsubscribes before anything else happens in that frame, and shows the subscriptions', () => {
    const result = run(same, 'R-a-b-c', { unsubscribe: '----!' })
    expect(result).toMatchObject({ marbles: 'R-a----', subscriptions: ['^---!'] })
    expect(run(same, 'a', { unsubscribe: '   ----!' }).subscriptions).toEqual(['^---!'])
  })

  it('shows subscriptions that end with the input, and those that do not', () => {
    expect(run(same, 'R-|').subscriptions).toEqual(['^-!'])
    expect(run(same, 'R--').subscriptions).toEqual(['^'])
    expect(run(same, '|').subscriptions).toEqual(['(^!)'])
  })

  it('plays several inputs in step, each its own partition', () => {
    const result = run(merge, ['R-a---|', 'R---b-|'])
    expect(result.marbles).toBe('R-a-b-|')
    expect(result.elements.flatMap((e) => (e.kind === 'record' ? [e.split.partition] : []))).toEqual([0, 1])
  })

  it('subscribes a shared input once', () => {
    const fork = (source: Stream<string>) => {
      const shared = source.pipe(share())
      return merge(shared.pipe(asOperator(rxMap((e) => e))), shared)
    }
    expect(run(fork, 'R-|').subscriptions).toEqual(['^-!'])
  })
})

describe('run, from a snapshot', () => {
  const counting = (source: Stream<string>) =>
    source.pipe(
      keyBy((letter) => letter),
      scan((count, _) => count + 1, 0, { id: 'counting' }),
    )
  const numbers = { values: { a: 'a', b: 'b' } }

  it('continues with the state that the barrier has gathered', () => {
    const before = run(counting, 'R-a---a---1-a---2', numbers)
    expect(before.marbles).toBe('R-<1>-<2>-1-<3>-2')
    expect(run(counting, 'R-a---|', { restoreFrom: before.snapshot(1) }).marbles).toBe('R-<3>-|')
  })

  it('says where no barrier of that checkpoint has left the pipeline', () => {
    expect(() => run(counting, 'R-a-1').snapshot(2)).toThrow(
      expect.objectContaining({ code: 'NO_SUCH_CHECKPOINT', where: { checkpoint: 2 } }),
    )
  })

  it('goes on and on, also if the barriers begin to count anew', () => {
    const first = run(counting, 'R-a-b-1', numbers)
    const second = run(counting, 'R---1-a-2', { ...numbers, restoreFrom: first.snapshot(1) })
    const third = (checkpoint: number) =>
      run(counting, 'R-a---b', { ...numbers, restoreFrom: second.snapshot(checkpoint) }).marbles
    expect([third(1), third(2)]).toEqual(['R-<2>-<2>', 'R-<3>-<2>'])
  })
})

describe('run, from a snapshot in which something is missing', () => {
  const toggle = (source: Stream<string>) =>
    source.pipe(
      keyBy((letter) => letter),
      mapWithState((on, _) => [on ? undefined : true, on ? 'y' : 'n'], false, { id: 'toggle' }),
    )

  it('does not find it, whatever was there before', () => {
    const first = run(toggle, 'R-a-b-1')
    const second = run(toggle, 'R-a-1', { restoreFrom: first.snapshot(1) })
    expect(second.marbles).toBe('R-y-1')
    expect(run(toggle, 'R-a-b', { restoreFrom: second.snapshot(1) }).marbles).toBe('R-n-y')
  })
})

describe('runInTime', () => {
  const services = () => testServices()

  it('makes a frame a millisecond, and lets promises settle in each', async () => {
    const kit = services()
    const later = (source: Stream<string>) =>
      new Observable<StreamElement<string>>((out) =>
        source.subscribe(async (element) => {
          await kit.clock.sleep(element.kind === 'record' ? 2 : 0)
          out.next(element)
        }),
      )
    expect((await runInTime(later, 'a--b', { services: kit })).marbles).toBe('--a--b')
  })

  it('plays on after the picture while timers are set, and no longer', async () => {
    const kit = services()
    const forever = (): Stream<string> =>
      asStream(
        new Observable((out) => {
          kit.clock.setTimeout(() => out.complete(), 7)
        }),
      )
    expect((await runInTime(forever, 'a', { services: kit })).marbles).toBe('-------|')
  })
})
