import { Observable, map as rxMap, share } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { type StreamElement, watermark } from '../../src/element.ts'
import { map } from '../../src/operators/map.ts'
import { merge } from '../../src/operators/merge.ts'
import { run, runInTime, testServices } from '../../src/testing.ts'

const same = <T>(source: Observable<StreamElement<T>>) => source

describe('run', () => {
  it('draws what comes out, with the letters of the values', () => {
    const double = map((value: number) => value * 2)
    expect(run(double, 'R-a-1-b-|', { values: { a: 1, b: 2, c: 4 } }).marbles).toBe('R-b-1-c-|')
  })

  it('draws to the end of the picture where the output does not end', () => {
    expect(run(same, 'R-a---').marbles).toBe('R-a---')
    expect(run(() => new Observable<StreamElement<string>>(), 'R-a---').marbles).toBe('------')
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
    const fork = (source: Observable<StreamElement<string>>) => {
      const shared = source.pipe(share())
      return merge(shared.pipe(rxMap((e) => e)), shared)
    }
    expect(run(fork, 'R-|').subscriptions).toEqual(['^-!'])
  })
})

describe('runInTime', () => {
  const services = () => testServices()

  it('makes a frame a millisecond, and lets promises settle in each', async () => {
    const kit = services()
    const later = (source: Observable<StreamElement<string>>) =>
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
    const forever = (): Observable<StreamElement<string>> =>
      new Observable((out) => {
        kit.clock.setTimeout(() => out.complete(), 7)
      })
    expect((await runInTime(forever, 'a', { services: kit })).marbles).toBe('-------|')
  })
})
