import { map as mapValues } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { BadRecord, OnError } from '../../src/attempt.ts'
import { FatalError, RetriableError } from '../../src/openErrors.ts'
import { asyncMap } from '../../src/operators/asyncMap.ts'
import type { OperatorOptions } from '../../src/operators/engine/operatorOptions.ts'
import { filter } from '../../src/operators/filter.ts'
import { flatMap } from '../../src/operators/flatMap.ts'
import { lift } from '../../src/operators/lift.ts'
import { map } from '../../src/operators/map.ts'
import { tap } from '../../src/operators/tap.ts'
import { to } from '../../src/operators/to.ts'
import type { StreamRecord } from '../../src/record.ts'
import type { LateRefusals, SinkWriter, TransactionalSink } from '../../src/sinks/sink.ts'
import type { StreamOperator } from '../../src/stream.ts'
import { run, runInTime, testServices } from '../../src/testing/index.ts'
import { noB } from './contract.ts'

/** As in "b for checkpoint 2, OPERATOR_FAILED in map". */
const told = ({ record, checkpoint, error, operator }: BadRecord): string =>
  `${record.value} for checkpoint ${checkpoint}, ${error.code} in ${operator}`

type Operators = readonly [string, (options: OperatorOptions) => StreamOperator<string, string>]

const operators: readonly Operators[] = [
  ['map', (options) => map(noB, options)],
  ['filter', (options) => filter((value) => noB(value) !== '', options)],
  ['flatMap', (options) => flatMap((value) => [noB(value)], options)],
  ['tap', (options) => tap(noB, options)],
]

describe.each(operators)('%s, whose function throws', (name, operator) => {
  const told1 = [`b for checkpoint 1, OPERATOR_FAILED in ${name}`, `b for checkpoint 3, OPERATOR_FAILED in ${name}`]

  it('skips the record and goes on, and says which checkpoint it belongs to', () => {
    const services = testServices()
    const { marbles } = run(operator({ onError: 'skip' }), 'R-a-b-1-c-2-b-d-|', { services })
    expect(marbles).toBe('R-a---1-c-2---d-|')
    expect(services.skipped.map(told)).toEqual(told1)
    expect(services.deadLetters).toEqual([])
  })

  it('makes it a dead letter', () => {
    const services = testServices()
    const { marbles } = run(operator({ onError: 'dead-letter' }), 'R-a-b-1-c-2-b-d-|', { services })
    expect(marbles).toBe('R-a---1-c-2---d-|')
    expect(services.deadLetters.map(told)).toEqual(told1)
    expect(services.skipped).toEqual([])
  })

  it('does what the job says where it says nothing itself, and the other way round', () => {
    const skipping = testServices({ onError: 'skip' })
    expect(run(operator({}), 'R-a-b-c-|', { services: skipping }).marbles).toBe('R-a---c-|')
    expect(skipping.skipped).toHaveLength(1)
    const failing = run(operator({ onError: 'fail' }), 'R-a-b-c-|', { services: skipping })
    expect(failing).toMatchObject({ marbles: 'R-a-#', error: { code: 'OPERATOR_FAILED', badRecord: true } })
    expect(run(operator({}), 'R-a-b-c-|').marbles).toBe('R-a-#')
  })
})

describe('a function that throws an error of rxweft', () => {
  it.each([new RetriableError('DOWN', 'try later'), new FatalError('STOP', 'for good')])('means it: %s', (error) => {
    const stop = map(
      (value: string) => {
        if (value === 'b') throw error
        return value
      },
      { onError: 'skip' },
    )
    expect(run(stop, 'R-a-b-c-|')).toMatchObject({ marbles: 'R-a-#', error })
  })

  it('may blame the record itself', () => {
    const services = testServices()
    const blame = tap<string>(
      (value) => {
        if (value === 'b') throw new FatalError('NOT_OURS', 'of somebody else', { badRecord: true })
      },
      { onError: 'skip' },
    )
    expect(run(blame, 'R-a-b-c-|', { services }).marbles).toBe('R-a---c-|')
    expect(services.skipped.map(told)).toEqual(['b for checkpoint 1, NOT_OURS in tap'])
  })
})

describe('an error that no record is to blame for', () => {
  it('ends the attempt whatever the policy: an element before the Restore', () => {
    const services = testServices({ onError: 'skip' })
    const result = run(
      asyncMap(async (value) => value),
      'a-R',
      { services },
    )
    expect(result).toMatchObject({ marbles: '#', error: { code: 'NO_RESTORE' } })
  })

  it('ends the attempt whatever the policy: a lifted operator, which takes no value after an error', () => {
    const services = testServices({ onError: 'skip' })
    expect(run(lift(mapValues(noB)), 'R-a-b-c-|', { services })).toMatchObject({
      marbles: 'R-a-#',
      error: { code: 'OPERATOR_FAILED' },
    })
    expect(services.skipped).toEqual([])
  })
})

describe('flatMap', () => {
  function* upToB(value: string): Iterable<string> {
    yield value
    yield noB(value)
  }

  it('emits nothing of a record that the job goes on without', () => {
    const services = testServices()
    expect(run(flatMap(upToB, { onError: 'skip' }), 'R-a----b----c-|', { services }).marbles).toBe('R-(aa)------(cc)|')
    expect(services.skipped).toHaveLength(1)
  })

  it('puts values out as they come if a failure ends the job', () => {
    expect(run(flatMap(upToB), 'R-a----b----c-|').marbles).toBe('R-(aa)-(b#)')
  })
})

describe('asyncMap, whose function fails', () => {
  const slow = (options: OperatorOptions & { ordered?: boolean; retry?: number; timeout?: number }) => {
    const services = testServices()
    const { retry, ...rest } = options
    const retries = retry === undefined ? {} : { retry: { attempts: retry, delay: () => 1 } }
    const calls: string[] = []
    const operator = asyncMap<string, string>(
      async (value) => {
        calls.push(value)
        await services.clock.sleep(value === 'b' ? 6 : 2)
        return noB(value)
      },
      { ...rest, ...retries },
    )
    return { services, operator, calls }
  }

  it.each([true, false])(
    'lets go of the record, of before a barrier that has come meanwhile (ordered: %s)',
    async (ordered) => {
      const { services, operator } = slow({ onError: 'dead-letter', ordered })
      const { marbles } = await runInTime(operator, 'R-b-1-2-c-|', { services })
      expect(marbles.replaceAll(/[-()]/g, '')).toBe('R12c|')
      expect(services.deadLetters.map(told)).toEqual(['b for checkpoint 1, ASYNC_MAP_FAILED in asyncMap'])
      expect(services.credits.inFlight).toBe(0)
    },
  )

  it('says of each record which checkpoint it belongs to', async () => {
    const { services, operator } = slow({ onError: 'skip' })
    const { marbles } = await runInTime(operator, 'R-b-1-b-2-b-a-|', { services })
    expect(marbles.replaceAll(/[-()]/g, '')).toBe('R12a|')
    expect(services.skipped.map(({ checkpoint }) => checkpoint)).toEqual([1, 2, 3])
  })

  it('tries the record as often as it may before that', async () => {
    const { services, operator, calls } = slow({ onError: 'skip', retry: 3 })
    await runInTime(operator, 'R-b-|', { services })
    expect(calls).toEqual(['b', 'b', 'b'])
    expect(services.skipped).toHaveLength(1)
  })

  it('takes a call that is too late for a failure', async () => {
    const { services, operator } = slow({ onError: 'skip', timeout: 3 })
    expect((await runInTime(operator, 'R-a-b-c-|', { services })).marbles.replaceAll(/[-()]/g, '')).toBe('Rac|')
    expect(services.skipped.map(told)).toEqual(['b for checkpoint 1, ASYNC_MAP_TIMEOUT in asyncMap'])
  })

  it('stays Retriable if the policy is to fail', async () => {
    const { services, operator } = slow({ onError: 'fail' })
    const { error } = await runInTime(operator, 'R-b-|', { services })
    expect(error).toMatchObject({ code: 'ASYNC_MAP_FAILED', consequence: 'retriable' })
  })

  it('blames no record for the end of the attempt', async () => {
    const services = testServices({ onError: 'skip' })
    const operator = asyncMap<string, string>(
      (_, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
    )
    await runInTime(operator, 'R-a-b-|', { services, unsubscribe: '-----!' })
    expect(services.skipped).toEqual([])
  })
})

describe('to a sink that refuses records', () => {
  function refusing(
    late?: LateRefusals,
    write: (record: StreamRecord<string>) => void = ({ value }) => void noB(value),
  ) {
    const log: string[] = []
    const writer: SinkWriter<string> = {
      write(record) {
        write(record)
        log.push(record.value)
      },
      async prepare(checkpoint) {
        log.push(`prepare ${checkpoint}`)
        return null
      },
      close: async () => undefined,
      ...(late === undefined ? {} : { late }),
    }
    const sink: TransactionalSink<string> = { id: 'sink', guarantee: 'exactly-once', open: async () => writer }
    const passed: number[] = []
    const base = testServices({ writers: new Map([[sink, writer]]) })
    const badRecords = { ...base.badRecords, passed: (checkpoint: number) => void passed.push(checkpoint) }
    return { log, sink, passed, services: { ...base, badRecords } }
  }

  it.each<[OnError, readonly string[], readonly string[]]>([
    ['skip', ['b for checkpoint 2, OPERATOR_FAILED in sink'], []],
    ['dead-letter', [], ['b for checkpoint 2, OPERATOR_FAILED in sink']],
  ])('goes on without them: %s', async (onError, skipped, deadLetters) => {
    const { log, sink, services } = refusing()
    const { marbles } = await runInTime(to(sink, { onError }), 'R-a-1-b-c-2-|', { services })
    expect(marbles).toBe('----1-----2-|')
    expect(log).toEqual(['a', 'prepare 1', 'c', 'prepare 2'])
    expect([services.skipped.map(told), services.deadLetters.map(told)]).toEqual([skipped, deadLetters])
  })

  it('tells each barrier as it passes, in the same turn', () => {
    const { sink, services, passed } = refusing()
    run(to(sink), '(Ra1)', { services })
    expect(passed).toEqual([1])
    run(to(sink), '(R12)', { services })
    expect(passed).toEqual([1, 1, 2])
  })

  it('lets no barrier pass before it knows of all records before it, and gives late refusals to the right checkpoint', () => {
    const known: (() => void)[] = []
    let refuse: ((record: StreamRecord<unknown>, thrown: unknown) => void) | undefined
    const late: LateRefusals = {
      onRefused(listener) {
        refuse = listener
      },
      whenKnown: (then) => void known.push(then),
    }
    const records: StreamRecord<string>[] = []
    const { sink, services, passed } = refusing(late, (record) => void records.push(record))
    run(to(sink, { onError: 'skip' }), 'R-a-1-b-2-c-', { services })
    const refuseNext = () => refuse?.(records.shift() as StreamRecord<string>, new RangeError('too large'))
    expect(passed).toEqual([])
    refuseNext()
    known.shift()?.()
    expect(passed).toEqual([1])
    refuseNext()
    known.shift()?.()
    refuseNext()
    expect(passed).toEqual([1, 2])
    expect(services.skipped.map(told)).toEqual([
      'a for checkpoint 1, OPERATOR_FAILED in sink',
      'b for checkpoint 2, OPERATOR_FAILED in sink',
      'c for checkpoint 3, OPERATOR_FAILED in sink',
    ])
  })
})
