import { describe, expect, it } from 'vitest'
import { RetriableError } from '../../src/openErrors.ts'
import { testServices } from '../../src/testing/testServices.ts'
import { boundedOutOfOrderness, monotonousTimestamps, noWatermarks } from '../../src/time/watermarks.ts'
import { thrownBy } from '../../tools/support/thrown.ts'
import { fed, place, positions } from './fed.ts'

describe('the timestamps of a source', () => {
  interface Click {
    readonly at: unknown
  }
  const timed = (at: (click: Click) => unknown) => noWatermarks().withTimestamps(at as (click: Click) => number)
  const emit = (source: ReturnType<typeof fed>, value: unknown, offset = 0) =>
    source.feed.emit(value, 7, 'key', [], place(0), offset)

  it('are those that its function finds, which sees the record as it was read', () => {
    const seen: unknown[] = []
    const source = fed(
      boundedOutOfOrderness(1).withTimestamps((value: number, record) => {
        seen.push(record)
        return value + record.timestamp
      }),
      1,
    )
    emit(source, 100, 3)
    const record = { kind: 'record', value: 100, timestamp: 7, key: 'key', headers: [], split: place(0), offset: 3 }
    expect(seen).toEqual([record])
    expect(source.elements.slice(1)).toEqual([
      { ...record, timestamp: 107, sourceTime: 7 },
      { kind: 'watermark', timestamp: 105 },
    ])
  })

  const thrower = () => {
    throw new TypeError('no time')
  }
  it.each<[string, (click: Click) => unknown, RegExp]>([
    ['NaN', () => Number.NaN, /is NaN/],
    ['Infinity', () => Infinity, /is Infinity/],
    ['a string', () => 'secret', /is of type string/],
    ['nothing', () => undefined, /is of type undefined/],
    ['a time that no window can have', () => 2 ** 53, /is 9007199254740992/],
    ['a time before all windows', () => -1e300, /is -1e\+300/],
    ['bigint', () => 5n, /is of type bigint/],
    ['an error', thrower, /TypeError: no time/],
  ])('make a record bad where the function answers with %s', (_, at, says) => {
    const services = testServices({ onError: 'dead-letter' })
    const source = fed(timed(at), 1, { services })
    emit(source, { at: 1 }, 3)
    expect(source.picture()).toBe('R')
    expect(services.deadLetters).toMatchObject([
      {
        record: { value: { at: 1 }, timestamp: 7, key: 'key', offset: 3 },
        operator: 'source',
        checkpoint: 5,
        error: { code: 'BAD_TIMESTAMP', badRecord: true, where: { operator: 'source', ...place(0), offset: 3 } },
      },
    ])
    expect(services.deadLetters[0]?.error.message).toMatch(says)
    expect(services.deadLetters[0]?.error.message).not.toContain('secret')
  })

  it('of a bad record end the job if it is to fail, and the watermark knows nothing of it', () => {
    const source = fed(monotonousTimestamps().withTimestamps(Number), 1)
    const error = thrownBy(() => emit(source, 'x'))
    expect(error).toMatchObject({ code: 'BAD_TIMESTAMP', consequence: 'fatal' })
    expect(source.picture()).toBe('R')
  })

  it('that windows would refuse raise no watermark, so that later records are not late', () => {
    const source = fed(monotonousTimestamps().withTimestamps(Number), 1, {
      services: testServices({ onError: 'skip' }),
    })
    for (const time of [2 ** 53, 5]) emit(source, time as never)
    source.feed.settle()
    expect(source.picture()).not.toContain('W9')
    expect(source.picture()).toMatch(/5/)
  })

  it('of the source itself must be numbers, too, if they make watermarks', () => {
    const source = fed(monotonousTimestamps(), 1)
    expect(thrownBy(() => source.feed.emit('x', Infinity, null, [], place(0), 0))).toMatchObject({
      code: 'BAD_TIMESTAMP',
    })
  })

  it("mean what one of rxweft's own errors says", () => {
    const services = testServices({ onError: 'skip' })
    const source = fed(
      timed(() => {
        throw new RetriableError('LOOKUP_FAILED', 'not now')
      }),
      1,
      { services },
    )
    expect(thrownBy(() => emit(source, { at: 1 }))).toMatchObject({ code: 'LOOKUP_FAILED' })
    expect(services.skipped).toEqual([])
  })

  it('belong to the checkpoint after the last barrier', () => {
    const services = testServices({ onError: 'skip' })
    const source = fed(
      timed(() => Number.NaN),
      1,
      { services },
    )
    source.feed.barrier(5, positions(0))
    emit(source, { at: 1 })
    expect(services.skipped).toMatchObject([{ checkpoint: 6 }])
  })
})
