import { from, Observable, take } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { barrier } from '../../../src/element.ts'
import { FencedError } from '../../../src/openErrors.ts'
import { operate } from '../../../src/operators/engine/operate.ts'
import { map } from '../../../src/operators/map.ts'
import { type StreamRecord, streamRecord } from '../../../src/record.ts'
import { asStream, type StreamOperator } from '../../../src/stream.ts'
import { cold, run, testServices } from '../../../src/testing/index.ts'
import { asOperator } from '../../../tools/support/asOperator.ts'

const records = Array.from({ length: 5 }, (_, offset) =>
  streamRecord(String(offset), 0, null, [], { topic: 't', partition: 0 }, offset),
)
const throwing = (
  step: 'barrier' | 'restore' | 'watermark' | 'idle' | 'complete',
  error: unknown,
): StreamOperator<string, string> =>
  operate('custom', () => ({
    record: () => undefined,
    [step]() {
      throw error
    },
  }))

describe('operate', () => {
  it.each([
    ['restore', 'R'],
    ['barrier', '1'],
    ['watermark', '<watermark 1>'],
    ['idle', '<idle>'],
    ['complete', '|'],
  ] as const)('errors the stream where the step for %s throws', (step, picture) => {
    const result = run(throwing(step, new TypeError('oh')), `${picture}a`)
    expect(result.marbles).toBe('#')
    expect(result.error).toMatchObject({ code: 'OPERATOR_FAILED', where: { operator: 'custom' } })
  })

  it('passes errors of rxweft on as they are', () => {
    const fenced = new FencedError('GONE', 'a newer one runs')
    expect(run(throwing('barrier', fenced), '1').error).toBe(fenced)
  })

  it('wraps a thrown value that is not an Error', () => {
    expect(run(throwing('barrier', 'a string'), '1').error).toMatchObject({ code: 'OPERATOR_FAILED' })
  })

  it('stops a synchronous source as soon as the output has enough, or errors', () => {
    const read: number[] = []
    const source = asStream<string, unknown>(
      new Observable((subscriber) => {
        for (const record of records) {
          if (subscriber.closed) return
          read.push(record.offset)
          subscriber.next(record)
        }
      }),
    )
    source
      .pipe(
        map((value) => value),
        asOperator(take(2)),
      )
      .subscribe()
    expect(read.splice(0)).toEqual([0, 1])
    source
      .pipe(
        map((value) => {
          if (value === '1') throw new Error('oh')
          return value
        }),
      )
      .subscribe({ error: () => undefined })
    expect(read).toEqual([0, 1])
  })

  it('starts anew for each subscription', () => {
    const count = operate<string, number>('count', (out) => {
      let records = 0
      return {
        record(record) {
          records += 1
          out.next({ ...record, value: records })
        },
      }
    })
    const counted = asStream<string, unknown>(from(records)).pipe(count)
    for (let subscription = 0; subscription < 2; subscription++) {
      const seen: unknown[] = []
      counted.subscribe((element) => element.kind === 'record' && seen.push(element.value))
      expect(seen).toEqual([1, 2, 3, 4, 5])
    }
  })

  it('frees what is held exactly once: on completion, error, throw and unsubscribe', () => {
    const freed: string[] = []
    const holding = (name: string): StreamOperator<string, string> =>
      operate(name, (out) => ({
        record(record) {
          if (record.value === 'x') throw new Error('x')
          out.next(record)
        },
        teardown: () => void freed.push(name),
      }))
    for (const picture of ['a|', 'a#', 'x', 'ab']) {
      cold(picture)
        .pipe(holding(picture))
        .subscribe({ error: () => undefined })
        .unsubscribe()
    }
    expect(freed).toEqual(['a|', 'a#', 'x', 'ab'])
  })

  it('gives control elements to the step that has one for them', () => {
    const renumber = operate<string, string>('renumber', (out) => ({
      record: (record) => out.next(record),
      barrier: ({ checkpoint }) => out.next(barrier(checkpoint + 1)),
    }))
    expect(run(renumber, 'Ra1b<idle>|').marbles).toBe('Ra2b<idle>|')
  })
})

describe('the context of an operator', () => {
  it('has the checkpoint to which records belong: 1 after genesis, n + 1 behind barrier n', () => {
    const numbered = operate<string, number>('numbered', (out, here) => ({
      record: (record) => out.next({ ...record, value: here.checkpoint }),
    }))
    expect(run(numbered, 'Ra1b5c|').marbles).toBe('R<1>1<2>5<6>|')
  })

  it('has the services of the attempt from the Restore on, and not before', () => {
    const services = testServices()
    const seen: unknown[] = []
    const looking = operate<string, string>('looking', (_, here) => ({
      record: () => void seen.push(here.services),
    }))
    run(looking, 'Ra', { services })
    expect(seen).toEqual([services])
    expect(run(looking, 'a').error).toMatchObject({ code: 'NO_RESTORE' })
  })

  it.each(['fail', 'skip', 'dead-letter'] as const)('refuses a record later as a throw would: %s', (onError) => {
    const services = testServices({ onError })
    const late = operate<string, string>('late', (out, here) => {
      const held: StreamRecord<string>[] = []
      return {
        record: (record) => void held.push(record),
        barrier(barrier) {
          for (const record of held.splice(0)) here.refuse(record, new Error('no'), barrier.checkpoint)
          out.next(barrier)
        },
      }
    })
    const result = run(late, 'Ra1b', { services })
    const bad = [...services.skipped, ...services.deadLetters]
    if (onError === 'fail') expect(result.error).toMatchObject({ code: 'OPERATOR_FAILED', where: { offset: 0 } })
    else expect(result.marbles).toBe('R-1-')
    expect(bad).toHaveLength(onError === 'fail' ? 0 : 1)
    for (const { checkpoint, operator } of bad)
      expect({ checkpoint, operator }).toEqual({ checkpoint: 1, operator: 'late' })
  })
})
