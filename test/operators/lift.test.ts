import {
  asyncScheduler,
  concat,
  concatWith,
  debounceTime,
  delay,
  distinctUntilChanged,
  filter,
  from,
  last,
  map,
  mergeMap,
  NEVER,
  type OperatorFunction,
  of,
  retry,
  scan,
  startWith,
  subscribeOn,
  take,
  tap,
  throwError,
} from 'rxjs'
import { describe, expect, it } from 'vitest'
import { lift } from '../../src/operators/lift.ts'
import { run, runInTime } from '../../src/testing/index.ts'
import { behavesAsAnOperator, failsAt, noB } from './contract.ts'

const asyncInLift = { code: 'ASYNC_IN_LIFT', consequence: 'fatal', hint: expect.stringContaining('asyncMap') }

describe('lift', () => {
  behavesAsAnOperator(lift(map((value) => value)))
  behavesAsAnOperator(lift(mergeMap((value) => of(value))))

  it('runs several operators on the values', () => {
    const lengths = lift(
      filter((letter: string) => letter !== 'x'),
      scan((all, letter) => all + letter, ''),
      map((all) => all.length),
      distinctUntilChanged(),
      map((length) => String.fromCharCode(96 + length)),
    )
    expect(run(lengths, 'R-p-x-1-q-r-|').marbles).toBe('R-a---1-b-c-|')
  })

  it('lets an operator emit several values a record, each with the place of that record', () => {
    const twice = lift(mergeMap((letter: string) => from([letter, letter])))
    const result = run(twice, 'R-a---1-b---|')
    expect(result.marbles).toBe('R-(aa)1-(bb)|')
    expect(result.elements.flatMap((e) => (e.kind === 'record' ? [e.offset] : []))).toEqual([0, 0, 1, 1])
  })

  it('emits no more records after an operator that completes early, but stays subscribed and lets barriers pass', () => {
    const result = run(lift(take<string>(2)), 'R-a-b-1-c-2-|')
    expect(result.marbles).toBe('R-a-b-1---2-|')
    expect(result.subscriptions).toEqual(['^-----------!'])
  })

  it('begins anew with each subscription', () => {
    const count = lift(scan((records: number, _: string) => records + 1, 0))
    expect(run(count, 'R-a-b-').marbles).toBe('R-<1><2>')
    expect(run(count, 'R-a-').marbles).toBe('R-<1>')
  })

  it('errors if an operator errors, names the place, and emits nothing after', () => {
    const result = run(lift(map(noB)), 'R-a-1-b-c-|')
    expect(result.marbles).toBe('R-a-1-#')
    expect(result.error).toMatchObject(failsAt('lift'))
  })

  it('errors if an operator errors before or after the records', () => {
    const before = run(
      lift(() => throwError(() => new Error('before'))),
      'R-a-|',
    )
    expect(before.error).toMatchObject({ code: 'OPERATOR_FAILED', where: { operator: 'lift' } })
    const empty = run(lift(last<string>()), 'R-|')
    expect(empty.marbles).toBe('R-#')
    expect(empty.error).toMatchObject({ code: 'OPERATOR_FAILED', cause: { name: 'EmptyError' } })
  })

  it.each<[string, string, OperatorFunction<string, string>]>([
    ['emits before the first record', '#', startWith('z')],
    ['emits at the end', 'R---1-#', last()],
    ['goes on after the end', 'R-a-1-#', (values) => concat(values, NEVER)],
    ['has not emitted all at the end', 'R---1-#', delay(50)],
    ['holds back a value till the end', 'R---1-#', debounceTime(50)],
  ])('refuses an operator that %s', (_, picture, operator) => {
    const result = run(lift(operator), 'R-a-1-|')
    expect(result.marbles).toBe(picture)
    expect(result.error).toMatchObject(asyncInLift)
  })

  it('refuses an operator that emits later', async () => {
    let release = (): void => undefined
    const later = new Promise<void>((resolve) => {
      release = resolve
    })
    const running = runInTime(lift(mergeMap((letter: string) => later.then(() => letter))), 'R-a-1---b-|')
    release()
    const result = await running
    expect(result.marbles).toBe('R-#')
    expect(result.error).toMatchObject(asyncInLift)
  })

  it.each<[string, string, OperatorFunction<string, string>]>([
    ['subscribes later', 'R-#', subscribeOn(asyncScheduler)],
    [
      'has lost its subscription for a while',
      'R-a---#',
      (values) => values.pipe(map(noB), retry({ delay: () => NEVER })),
    ],
    ['goes on with something else', 'R-a-b-#', (values) => values.pipe(take(2), concatWith(NEVER))],
  ])('refuses a record that would be lost since an operator %s', (_, picture, operator) => {
    const result = run(lift(operator), 'R-a-b-c-')
    expect(result.marbles).toBe(picture)
    expect(result.error).toMatchObject(asyncInLift)
  })

  it('leaves the lifted operators when it is unsubscribed', () => {
    let left = false
    const watch = tap<string>({
      unsubscribe: () => {
        left = true
      },
    })
    run(lift(watch), 'R-a-b', { unsubscribe: '---!' })
    expect(left).toBe(true)
  })
})
