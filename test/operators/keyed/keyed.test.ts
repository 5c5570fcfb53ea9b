/** What operators with state get from their base: timers, watermarks, what a restart brings back. */
import { describe, expect, it } from 'vitest'
import { type Barrier, type StreamElement, watermark } from '../../../src/element.ts'
import { type KeyedOperator, keyed, statefulRules } from '../../../src/operators/keyed/keyed.ts'
import type { KeyedContext, KeyedHandlers } from '../../../src/operators/keyed/keyedStep.ts'
import { type StreamRecord, streamRecord } from '../../../src/record.ts'
import { type Run, run, runInTime, testServices } from '../../../src/testing/index.ts'
import { byLetter, type LetterOptions, valuesOf } from '../keyedContract.ts'

type Context = KeyedContext<string, string>
type Due = (record: StreamRecord<string>, context: Context) => number

const say = ({ out }: Context, text: string): void =>
  out.next(streamRecord(text, 0, text, [], { topic: 'timers', partition: 0 }, 0))

/** Sets a timer for each record, and emits its letter when that fires. */
function delayed(kind: 'event' | 'processing', due: Due): KeyedOperator<string, string, string> {
  return keyed<string, string, string>(
    'delayed',
    { id: 'delayed' },
    statefulRules,
    (context): KeyedHandlers<string, string> => {
      const fire = (_time: number, key: string): void => say(context, key)
      const timers = kind === 'event' ? context.eventTimers : context.processingTimers
      return {
        record: (record) => timers.set(due(record, context), record.key),
        ...(kind === 'event' ? { onEventTimer: fire } : { onProcessingTimer: fire }),
      }
    },
  )
}

const watermarks = { U: watermark(6), V: watermark(20), W: watermark(Infinity) }

describe('timers of event time', () => {
  const fiveLater = byLetter(delayed('event', ({ timestamp }) => timestamp + 5))
  const play = (picture: string, options: LetterOptions = {}): Run<StreamElement<string>> =>
    run(fiveLater, picture, { ...options, values: watermarks })

  it('fire when the watermark reaches them, before it passes, in the order of their times', () => {
    expect(play('Rab----U---V--').marbles).toBe('R------(aU)(bV)')
    expect(play('Rba----V------').marbles).toBe('R------(baV)--')
  })

  it('fire at the end of the input, all of them', () => {
    expect(play('Rab-W-|').marbles).toBe('R---(abW)|')
  })

  it('are restored, and fire once', () => {
    const restoreFrom = play('Rab-1-').snapshot(1)
    expect(play('R-U----V-V-', { restoreFrom }).marbles).toBe('R-(aU)-(bV)V')
  })

  it('that have fired before a barrier are not in its snapshot; those that fire after it are', () => {
    const before = play('Rab-U-1-V-')
    expect(valuesOf(before.elements)).toEqual(['a', 'b'])
    expect(valuesOf(play('R-V', { restoreFrom: before.snapshot(1) }).elements)).toEqual(['b'])
  })

  it('that throw end the job: no record is to blame', () => {
    const throwing = keyed<string, string, string>(
      'throwing',
      { id: 'throwing', onError: 'skip' },
      statefulRules,
      (context) => ({
        record: ({ timestamp, key }) => context.eventTimers.set(timestamp, key),
        onEventTimer: () => {
          throw new RangeError('in the timer')
        },
      }),
    )
    const { error } = run(byLetter(throwing), 'Ra--V-', { values: watermarks })
    expect(error).toMatchObject({ code: 'OPERATOR_FAILED', consequence: 'fatal', where: { operator: 'throwing' } })
  })
})

describe('timers of processing time', () => {
  const fiveLater = byLetter(delayed('processing', (_, { services }) => services.clock.now() + 5))
  const play = (picture: string, options: LetterOptions = {}) => runInTime(fiveLater, picture, options)

  it('fire when the clock reaches them, in the order of their times', async () => {
    expect((await play('Rab-----')).marbles).toBe('R-----ab')
  })

  it('fire in their order also if a later one sets an earlier time', async () => {
    const soonerAndSooner = byLetter(delayed('processing', ({ offset }) => [9, 5, 7][offset] ?? 0))
    expect((await runInTime(soonerAndSooner, 'Rabc------')).marbles).toBe('R----b-c-a')
  })

  it('fire no more once the input has completed, or nobody listens', async () => {
    expect((await play('Ra-|')).marbles).toBe('R--|')
    const services = testServices()
    expect((await play('Ra--------', { unsubscribe: '---!', services })).marbles).toBe('R---------')
    expect(services.clock.timers).toBe(0)
  })

  it('are restored, and fire once: at their time', async () => {
    const before = await play('Ra-1-----b-2-')
    expect(before.marbles).toBe('R--1--a----2--b')
    const after = async (checkpoint: number, now: number) => {
      const restoreFrom = before.snapshot(checkpoint)
      const services = testServices({ restoreFrom })
      services.clock.advance(now)
      return (await play('R--------', { restoreFrom, services })).marbles
    }
    expect(await after(1, 4)).toBe('R-a------')
    expect(await after(2, 10)).toBe('R---b----')
  })

  it('that are overdue when a job is restored fire at once, in the order of their times, each once', async () => {
    const restoreFrom = (await play('Rba-1-')).snapshot(1)
    const services = testServices({ restoreFrom })
    services.clock.advance(1_000_000)
    const { marbles } = await play('R-----', { restoreFrom, services })
    expect(marbles.replaceAll(/[-()]/g, '')).toBe('Rba')
    expect(services.clock.timers).toBe(0)
  })

  it('that throw end the job, although it is the clock that calls them', async () => {
    const throwing = keyed<string, string, string>('throwing', { id: 'throwing' }, statefulRules, (context) => ({
      record: ({ key }) => context.processingTimers.set(3, key),
      onProcessingTimer: () => {
        throw new RangeError('in the timer')
      },
    }))
    const { marbles, error } = await runInTime(byLetter(throwing), 'Ra------')
    expect(marbles).toBe('R--#')
    expect(error).toMatchObject({ code: 'OPERATOR_FAILED', where: { operator: 'throwing' } })
  })

  it('may be set again by themselves', async () => {
    let fired = 0
    const ticking = keyed<string, string, string>('ticking', { id: 'ticking' }, statefulRules, (context) => ({
      record: ({ key }) => context.processingTimers.set(2, key),
      onProcessingTimer(time, key) {
        say(context, key)
        if (++fired < 3) context.processingTimers.set(time + 2, key)
      },
    }))
    expect((await runInTime(byLetter(ticking), 'Ra------')).marbles).toBe('R-a-a-a-')
  })
})

describe('the watermark of an operator', () => {
  /** Emits the watermark that it has come to. */
  const told = byLetter(
    keyed<string, string, string>('told', { id: 'told' }, statefulRules, (context) => ({
      record: () => say(context, `${context.watermark} and to keep ${context.watermarkToKeep}`),
    })),
  )
  const play = (picture: string, options: LetterOptions = {}): Run<StreamElement<string>> =>
    run(told, picture, { ...options, values: watermarks })
  const kept = ({ elements }: Run<StreamElement<string>>) =>
    elements.filter((e): e is Barrier => e.kind === 'barrier').map(({ states }) => states[0]?.state)

  it('is the highest that has come, and goes along with the barrier', () => {
    const result = play('R-a-1-V-U-a-2-')
    expect(valuesOf(result.elements)).toEqual(['-Infinity and to keep -Infinity', '20 and to keep 20'])
    expect(kept(result)).toEqual([{ watermark: null }, { watermark: 20 }])
  })

  it('is restored', () => {
    const before = play('R-U-1-V-2-')
    const after = (checkpoint: number) => valuesOf(play('Ra', { restoreFrom: before.snapshot(checkpoint) }).elements)
    expect([after(1), after(2)]).toEqual([['6 and to keep 6'], ['20 and to keep 20']])
  })

  it('that is the end of the input is not kept: should there be more after a restart, it is not late', () => {
    const result = play('R-U-W-a-1-')
    expect(valuesOf(result.elements)).toEqual(['Infinity and to keep 6'])
    expect(kept(result)).toEqual([{ watermark: 6 }])
    expect(kept(play('R-W-1-'))).toEqual([{ watermark: null }])
  })
})

describe('what an operator leaves out as late', () => {
  it('is counted for the checkpoint that it came for', () => {
    const late: unknown[] = []
    const services = testServices()
    const counting = {
      ...services,
      badRecords: { ...services.badRecords, late: (...what: unknown[]) => void late.push(what) },
    }
    const strict = keyed<string, string, string>('strict', { id: 'strict' }, statefulRules, (context) => ({
      record: () => context.late(),
    }))
    run(byLetter(strict), 'R-a-1-a-a-', { services: counting })
    expect(late).toEqual([
      ['strict', 1],
      ['strict', 2],
      ['strict', 2],
    ])
    const restoreFrom = run(byLetter(strict), 'R-1-').snapshot(1)
    run(byLetter(strict), 'R-a-', { services: counting, restoreFrom })
    expect(late.at(-1)).toEqual(['strict', 2])
  })
})
