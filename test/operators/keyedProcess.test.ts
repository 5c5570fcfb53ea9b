import { describe, expect, it } from 'vitest'
import { keyBy } from '../../src/operators/keyBy.ts'
import { keyedProcess } from '../../src/operators/keyedProcess.ts'
import { map } from '../../src/operators/map.ts'
import { merge } from '../../src/operators/merge.ts'
import { sideOutput } from '../../src/operators/sideOutput.ts'
import type { StreamRecord } from '../../src/record.ts'
import { mapState } from '../../src/state/mapState.ts'
import { type ValueState, valueState } from '../../src/state/valueState.ts'
import type { Stream } from '../../src/stream.ts'
import { cold, run, runInTime, testServices } from '../../src/testing/index.ts'
import type { TestSnapshot } from '../../src/testing/testStates.ts'
import { told } from './told.ts'

const id = 'p'
type Letters = Stream<string>

/** a and A have one key. */
const byLetter = keyBy((letter: string) => letter.toLowerCase())

const increment = (count: ValueState<number>): number => {
  const next = (count.get() ?? 0) + 1
  count.set(next)
  return next
}

/** Each letter with how often its key has come. */
const counting = (source: Letters) =>
  source.pipe(
    byLetter,
    keyedProcess(
      {
        state: { count: valueState<number>() },
        onElement: (letter, { state }) => [letter + increment(state.count)],
      },
      { id },
    ),
  )

describe('process', () => {
  it('passes on all other elements, and completes, errors and unsubscribes as its input does', () => {
    const nothing = (source: Letters) => source.pipe(byLetter, keyedProcess({ onElement: () => undefined }, { id }))
    expect(run(nothing, 'R-a-1-W-<idle>-2-|').marbles).toBe('R---1-W-<idle>-2-|')
    expect(run(nothing, '|').marbles).toBe('|')
    const error = new Error('of the source')
    expect(run(nothing, 'R-#', { error })).toMatchObject({ marbles: 'R-#', error })
    expect(run(nothing, 'R-1-1', { unsubscribe: '---!' })).toMatchObject({ marbles: 'R-1--', subscriptions: ['^--!'] })
  })

  it('keeps state for each key, and takes it up from the snapshot', () => {
    const before = run(counting, 'R-a-b-A-1-a')
    expect(told(before.elements)).toBe('a1@2 b1@4 A2@6 1 a3@10')
    expect(told(run(counting, 'R-a-b-c|', { restoreFrom: before.snapshot(1) }).elements)).toBe('a3@2 b2@4 c1@6')
  })

  it('emits any number of results, with key, headers, time and place of the record', () => {
    const headers = [{ name: 'h', value: null }]
    const record: StreamRecord<string> = {
      ...{ kind: 'record', value: 'x', key: null, timestamp: 1_234, headers },
      ...{ split: { topic: 't', partition: 3 }, offset: 99 },
    }
    const twice = (source: Letters) =>
      source.pipe(
        byLetter,
        keyedProcess(
          {
            *onElement(letter) {
              yield letter
              yield letter.toUpperCase()
            },
          },
          { id },
        ),
      )
    expect(run(twice, 'Rx', { values: { x: record as StreamRecord<never> } }).elements.slice(1)).toEqual([
      { ...record, key: 'x' },
      { ...record, key: 'x', value: 'X' },
    ])
  })

  it('gives the record, its key, the watermark and the clock', () => {
    const services = testServices()
    services.clock.advance(777)
    const seeing = (source: Letters) =>
      source.pipe(
        byLetter,
        keyedProcess(
          {
            onElement: (_, { key, record, watermark, timers }) => [[key, record.offset, watermark, timers.now()]],
          },
          { id },
        ),
      )
    const { elements } = run(seeing, 'RA<watermark 1>b', { services })
    expect(told(elements)).toBe('["a",0,null,777]@1 W1 ["b",1,1,777]@15')
  })

  describe('event timers', () => {
    /** A letter sets a timer three frames later; in upper case it takes it back. */
    const ringing = (source: Letters) =>
      source.pipe(
        map((letter) => letter),
        byLetter,
        keyedProcess(
          {
            onElement(letter, { record, timers }) {
              if (letter === letter.toUpperCase()) timers.event.delete(record.timestamp + 1)
              else timers.event.set(record.timestamp + 3)
            },
            onEventTimer: (time, { key, watermark }) => [`${key}${time}/${watermark}`],
          },
          { id },
        ),
      )

    it('ring when the watermark reaches them, before it passes, in the order of their times', () => {
      expect(told(run(ringing, 'Rab---W|').elements)).toBe('a4/6@4 b5/6@5 W6')
      expect(told(run(ringing, 'Ra<watermark 3><watermark 4>').elements)).toBe('W3 a4/4@4 W4')
    })

    it('put out records of the operator, with their key and time', () => {
      const [first, second] = run(ringing, 'Rab---W').elements.filter((element) => element.kind === 'record')
      expect(first?.split).toBe(second?.split)
      expect(run(ringing, 'Ra---W').elements[1]).toEqual({
        ...{ kind: 'record', value: 'a4/5', timestamp: 4, key: 'a', headers: [] },
        ...{ split: { topic: id, partition: 0 }, offset: -1 },
      })
    })

    it('can be taken back', () => {
      expect(told(run(ringing, 'Rab-B---W').elements)).toBe('a4/8@4 W8')
    })

    it('are in the snapshot, as is the watermark', () => {
      const before = run(ringing, 'Rab--W-1')
      expect(told(before.elements)).toBe('a4/5@4 b5/5@5 W5 1')
      const later = run(ringing, 'R-ab-W-2-B', { restoreFrom: run(ringing, 'Rc1').snapshot(1) })
      expect(told(later.elements)).toBe('c4/5@4 a5/5@5 W5 2')
      const last = run(ringing, 'R-----W', { restoreFrom: later.snapshot(2) })
      expect(told(last.elements)).toBe('b6/6@6 W6')
    })

    it('ring at the end of the input, but for those that are set by then', () => {
      const repeating = (source: Letters) =>
        source.pipe(
          byLetter,
          keyedProcess(
            {
              onElement: (_, { timers }) => timers.event.set(10),
              onEventTimer(time, { timers }) {
                timers.event.set(time + 10)
                return [time]
              },
            },
            { id },
          ),
        )
      expect(told(run(repeating, 'Ra<watermark 35><watermark Infinity>|').elements)).toBe(
        '10@10 20@20 30@30 W35 40@40 WInfinity',
      )
    })

    it('end the job when they throw, whatever its policy', () => {
      const throwing = (source: Letters) =>
        source.pipe(
          byLetter,
          keyedProcess(
            {
              onElement: (_, { timers }) => timers.event.set(1),
              onEventTimer() {
                throw new RangeError('no')
              },
            },
            { id, onError: 'skip' },
          ),
        )
      const { marbles, error } = run(throwing, 'Ra-W')
      expect(marbles).toBe('R--#')
      expect(error).toMatchObject({ code: 'OPERATOR_FAILED', where: { operator: id }, badRecord: false })
    })
  })

  describe('processing timers', () => {
    const ringing = (source: Letters) =>
      source.pipe(
        byLetter,
        keyedProcess(
          {
            state: { letter: valueState<string>() },
            onElement(letter, { timers, state }) {
              state.letter.set(letter)
              if (letter === 'X') timers.processing.delete(timers.now() + 1)
              else timers.processing.set(timers.now() + 5)
            },
            onProcessingTimer: (time, { state, key }) => [`${key}${state.letter.get()}${time}`],
          },
          { id },
        ),
      )

    it('ring when the clock reaches them', async () => {
      const { elements } = await runInTime(ringing, 'R-a-A-1-----|')
      expect(told(elements)).toBe('1 aA7@7 aA9@9')
    })

    it('can be taken back, and are silent after the end', async () => {
      expect(told((await runInTime(ringing, 'R-x---X-----|')).elements)).toBe('')
      expect(told((await runInTime(ringing, 'R-a-|')).elements)).toBe('')
    })

    it('are in the snapshot, and ring at once if their time has passed', async () => {
      const before = await runInTime(ringing, 'R-a-1')
      const services = testServices({ restoreFrom: before.snapshot(1) })
      services.clock.advance(3)
      const after = await runInTime(ringing, 'R-----|', { services, restoreFrom: before.snapshot(1) })
      expect(told(after.elements)).toBe('aa7@7')
      services.clock.advance(1_000)
    })
  })

  describe('state that expires', () => {
    /** s is remembered, x lets the clock ring in five ms. */
    const expiring = (source: Letters) =>
      source.pipe(
        keyBy(() => 'k'),
        keyedProcess(
          {
            state: { last: valueState<string>({ ttl: 10 }) },
            onElement(letter, { state, timers }) {
              const before = state.last.get() ?? 'none'
              if (letter === 's') state.last.set(letter)
              if (letter === 'x') timers.processing.set(timers.now() + 5)
              return [`${before} ${letter}`]
            },
            onProcessingTimer(_, { state }) {
              const last = state.last.get() ?? 'none'
              state.last.set('rung')
              return [`${last} rung`]
            },
          },
          { id },
        ),
      )
    /** By a clock that is far from the times of the records. */
    const play = async (picture: string, restoreFrom?: TestSnapshot) => {
      const services = testServices({ restoreFrom })
      services.clock.advance(1_000_000)
      return runInTime(expiring, picture, { services, restoreFrom })
    }

    it('goes by the times of records, and of event time so far while the clock rings', async () => {
      const { elements } = await play('R-s-x------y---z-|')
      expect(told(elements)).toBe('none s@2 s x@4 s rung@1000009 rung y@11 none z@15')
    })

    it('stays, while it is not known how far event time has come', async () => {
      const before = await play('R-s-x-1')
      const { elements } = await play('R------------y-----------------z', before.snapshot(1))
      expect(told(elements)).toBe('s rung@1000009 rung y@13 rung z@31')
    })

    it('is removed by how far the records have come, if there is no watermark', () => {
      const remembering = (source: Letters) =>
        source.pipe(
          byLetter,
          keyedProcess(
            {
              state: { last: valueState<string>({ ttl: 10 }) },
              onElement: (letter, { state }) => state.last.set(letter),
            },
            { id },
          ),
        )
      const keeps = (picture: string) => {
        const { entries } = run(remembering, picture).snapshot(2)
        return [...entries.values()].flat().some(({ bytes }) => Buffer.from(bytes).includes('"a"'))
      }
      expect([keeps('Ra1-------b2'), keeps('Ra1--------b2')]).toEqual([true, false])
    })
  })

  it('refuses timers that are no time, which is the record at fault, and such that nothing rings in', () => {
    const setting = (time: number, handled: boolean) => (source: Letters) =>
      source.pipe(
        byLetter,
        keyedProcess(
          {
            onElement: (_, { timers }) => timers.event.set(time),
            ...(handled ? { onEventTimer: () => undefined } : {}),
          },
          { id },
        ),
      )
    for (const time of [Number.NaN, Infinity, -Infinity, '5' as unknown as number]) {
      const where = { operator: id, topic: 'marbles', partition: 0, offset: 0 }
      expect(run(setting(time, true), 'Ra').error).toMatchObject({ code: 'BAD_TIMER', badRecord: true, where })
    }
    expect(run(setting(5, true), 'Ra').error).toBeUndefined()
    const repeating = (source: Letters) =>
      source.pipe(
        byLetter,
        keyedProcess(
          {
            onElement: (_, { timers }) => timers.event.set(1),
            onEventTimer: (_, { timers }) => timers.event.set(Number.NaN),
          },
          { id },
        ),
      )
    expect(run(repeating, 'Ra-W').error).toMatchObject({ code: 'BAD_TIMER', badRecord: false, where: { operator: id } })
    expect(run(setting(5, false), 'Ra').error).toMatchObject({ code: 'NO_TIMER_HANDLER', badRecord: false })
  })

  describe('side outputs', () => {
    const alerting = (source: Letters) => {
      const alerts = sideOutput<string>()
      const main = source.pipe(
        byLetter,
        keyedProcess(
          {
            outputs: { alerts },
            onElement(letter, { outputs, timers, record }) {
              timers.event.set(record.timestamp + 1)
              if (letter === 'x') outputs.alerts('alert')
              return [letter]
            },
            onEventTimer: (time, { outputs }) => outputs.alerts(`at ${time}`),
          },
          { id },
        ),
      )
      return merge(main, alerts)
    }

    it('have what the functions put there, from records and timers, and all control elements', () => {
      const { elements, marbles } = run(alerting, 'Rx-1-W-|')
      expect(told(elements)).toBe('alert@1 x@1 1 at 2@2 W5')
      expect(marbles.at(-1)).toBe('|')
      expect(elements.flatMap((e) => (e.kind === 'record' ? [e.offset] : []))).toEqual([0, 0, -1])
    })

    it('must be read by somebody', () => {
      const deaf = (source: Letters) =>
        source.pipe(
          byLetter,
          keyedProcess({ outputs: { alerts: sideOutput<string>() }, onElement: () => undefined }, { id }),
        )
      expect(run(deaf, 'Ra').error).toMatchObject({ code: 'SIDE_OUTPUT_UNUSED', where: { operator: id } })
    })
  })

  describe('a record that it throws on', () => {
    /** b throws after all it could do. */
    const throwing = (source: Letters) => {
      const alerts = sideOutput<string>()
      const main = source.pipe(
        keyBy(() => 'all'),
        keyedProcess(
          {
            state: { count: valueState<number>(), seen: mapState<string, number>(), once: valueState<string>() },
            outputs: { alerts },
            *onElement(letter, { state, outputs, timers, record }) {
              const count = increment(state.count)
              outputs.alerts(`alert ${letter}`)
              timers.event.delete(2)
              timers.event.set(record.timestamp + (letter === 'a' ? 1 : 2))
              yield `${letter}${count}${state.seen.keys().join('')}${state.once.get() ?? ''}`
              state.once.delete()
              state.seen.clear()
              state.seen.set(letter, count)
              if (letter === 'b') throw new RangeError('no b')
              state.once.set('!')
            },
            onEventTimer: (time) => [`timer ${time}`],
          },
          { id },
        ),
      )
      return merge(main, alerts)
    }

    it('leaves nothing behind if the job goes on', () => {
      const services = testServices({ onError: 'skip' })
      const { elements } = run(throwing, 'Rab1c-W', { services })
      expect(told(elements)).toBe('alert a@1 a1@1 1 alert c@4 c2a!@4 timer 6@6 W6')
      expect(services.skipped).toMatchObject([
        { record: { value: 'b' }, checkpoint: 1, error: { code: 'OPERATOR_FAILED' } },
      ])
      expect(told(run(throwing, 'Rab----W', { services: testServices({ onError: 'skip' }) }).elements)).toBe(
        'alert a@1 a1@1 timer 2@2 W7',
      )
    })

    it('leaves nothing behind if the operator itself says that the job goes on, and emits the others once', () => {
      const skipping = (source: Letters) =>
        source.pipe(
          byLetter,
          keyedProcess(
            {
              state: { count: valueState<number>() },
              onElement(letter, { state, timers }) {
                const count = increment(state.count)
                if (letter === 'B') timers.processing.delete(1)
                timers.processing.set(letter === 'B' ? 2 : 1)
                if (letter === 'B') throw new RangeError('no B')
                return [letter + count]
              },
              onProcessingTimer: (time, { key }) => [`${key} at ${time}`],
            },
            { id, onError: 'skip' },
          ),
        )
      const services = testServices()
      const ticking = (source: Letters) => merge(skipping(source))
      const { elements } = run(ticking, 'RabBab', { services })
      expect(told(elements)).toBe('a1@1 b1@2 a2@4 b2@5')
      const rung: string[] = []
      ticking(cold('RabB', { services: testServices({ clock: services.clock }) })).subscribe((element) => {
        if (element.kind === 'record') rung.push(element.value)
      })
      services.clock.advance(9)
      expect(rung).toEqual(['a1', 'b1', 'a at 1', 'b at 1'])
    })

    it('leaves nothing behind in the snapshot', () => {
      const services = () => testServices({ onError: 'dead-letter' })
      const skipping = run(throwing, 'Rab1', { services: services() }).snapshot(1)
      const untouched = run(throwing, 'Ra-1', { services: services() }).snapshot(1)
      expect(told(run(throwing, 'R---c--W', { restoreFrom: skipping }).elements)).toBe(
        told(run(throwing, 'R---c--W', { restoreFrom: untouched }).elements),
      )
    })

    it('ends the job if it must', () => {
      const { error } = run(throwing, 'Rab')
      expect(error).toMatchObject({ code: 'OPERATOR_FAILED', where: { operator: id, offset: 1 } })
    })
  })

  it('is about one record: what is used after that is an error', () => {
    let late = (): unknown => undefined
    const keeping = (source: Letters) =>
      source.pipe(
        byLetter,
        keyedProcess(
          {
            state: { count: valueState<number>() },
            onElement(_, context) {
              late = () => context.state.count.set(1)
            },
          },
          { id },
        ),
      )
    expect(run(keeping, 'Ra').error).toBeUndefined()
    expect(late).toThrow(expect.objectContaining({ code: 'OUTSIDE_OF_CALL', where: { operator: id } }))
  })

  it('refuses records without a key, and says where they were read', () => {
    const keyless = keyedProcess<string, string>({ onElement: () => undefined }, { id })
    const { error } = run((source) => source.pipe(keyless as never) as Letters, 'Ra')
    expect(error).toMatchObject({
      code: 'NO_KEY',
      badRecord: true,
      where: { operator: id, topic: 'marbles', offset: 0 },
    })
  })
})
