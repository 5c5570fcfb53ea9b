import fc from 'fast-check'
import { Subject, take, takeUntil, tap } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { barrier, watermark } from '../../src/element.ts'
import { CorruptedError, RetriableError } from '../../src/openErrors.ts'
import { type AsyncMapOptions, asyncMap } from '../../src/operators/asyncMap.ts'
import type { Stream } from '../../src/stream.ts'
import { run, runInTime, type TestServices, testServices } from '../../src/testing/index.ts'
import { asOperator } from '../../tools/support/asOperator.ts'
import { behavesAsAnOperator } from './contract.ts'

/** Upper-cases, and takes so many ms for each letter; writes down when it is called. */
function slow(services: TestServices, times: Record<string, number>, calls: string[] = []) {
  return async (letter: string): Promise<string> => {
    calls.push(`${letter}@${services.clock.now()}`)
    await services.clock.sleep(times[letter] ?? 0)
    return letter.toUpperCase()
  }
}

async function play(picture: string, times: Record<string, number>, options?: AsyncMapOptions) {
  const services = testServices()
  const calls: string[] = []
  const values = { W: watermark(5) }
  const { marbles } = await runInTime(asyncMap(slow(services, times, calls), options), picture, { services, values })
  return { marbles, calls, inFlight: services.credits.inFlight }
}

describe('asyncMap', () => {
  behavesAsAnOperator(asyncMap(async (value) => value))
  behavesAsAnOperator(asyncMap(async (value) => value, { ordered: false, concurrency: 1, timeout: 5 }))

  it('emits in the order of the records, however long each takes', async () => {
    expect((await play('R-a-b-c-----|', { a: 6, b: 1, c: 1 })).marbles).toBe('R-------(ABC)|')
  })

  it('emits as results come if the order does not matter', async () => {
    expect((await play('R-a-b-c-----|', { a: 7, b: 1, c: 1 }, { ordered: false })).marbles).toBe('R----B-C-A--|')
  })

  it.each([true, false])(
    'lets records of before a barrier leave before it, and starts later ones meanwhile (ordered: %s)',
    async (ordered) => {
      const { marbles, calls } = await play('R-a-1-b-----|', { a: 6, b: 1 }, { ordered })
      expect(marbles).toBe('R-------(A1B)|')
      expect(calls).toEqual(['a@2', 'b@6'])
    },
  )

  it.each([true, false])(
    'holds watermarks and idle back too, and barriers one behind the other (ordered: %s)',
    async (ordered) => {
      const services = testServices()
      const values = { W: watermark(1), I: { kind: 'idle' as const }, B: barrier(1, [{ source: 's', splits: [] }]) }
      const operator = asyncMap(slow(services, { a: 9 }), { ordered })
      expect((await runInTime(operator, 'R-a-W-I-B-2---|', { services, values })).marbles).toBe('R----------(AWIB2)|')
    },
  )

  it('never calls for more than `concurrency` records at once, and calls in their order', async () => {
    const { marbles, calls } = await play(
      'R(abcd)--------|',
      { a: 4, b: 2, c: 4, d: 1 },
      { concurrency: 2, ordered: false },
    )
    expect(calls).toEqual(['a@1', 'b@1', 'c@3', 'd@5'])
    expect(marbles).toBe('R--B-ADC-------|')
  })

  it('waits for what is pending before it completes', async () => {
    expect((await play('Rab|', { a: 5, b: 9 })).marbles).toBe('R-----A----(B|)')
    expect((await play('Ra|', { a: 5 }, { ordered: false })).marbles).toBe('R-----(A|)')
  })

  it.each([
    ['record', 'Ra', 'R---(A|)'],
    ['barrier', 'Ra1', 'R---(A1|)'],
    ['barrier', 'R1', 'R(1|)'],
  ])('completes where its input does so while a %s of %s is being emitted', async (last, picture, expected) => {
    const services = testServices()
    const end = new Subject<void>()
    const operator = asyncMap(slow(services, { a: 3 }))
    const ended = (source: Stream<string>) =>
      source.pipe(asOperator(takeUntil(end)), operator, asOperator(tap(({ kind }) => kind === last && end.next())))
    expect((await runInTime(ended, picture, { services })).marbles).toBe(expected)
  })

  it('takes a credit for each record from its arrival to its departure', async () => {
    const services = testServices()
    const inFlight: number[] = []
    const operator = asyncMap(slow(services, { a: 4 }), { concurrency: 1 })
    const watching = runInTime(operator, 'Rabc-----', { services })
    for (const at of [1, 2, 3, 4, 5, 6]) services.clock.setTimeout(() => inFlight.push(services.credits.inFlight), at)
    await watching
    expect(inFlight).toEqual([0, 1, 2, 3, 3, 0])
  })

  it('gives every credit back when it is unsubscribed or fails', async () => {
    const services = testServices()
    const operator = asyncMap(slow(services, { a: 100 }), { concurrency: 1 })
    const left = await runInTime(operator, 'Rab1c-----', { services, unsubscribe: '-------!' })
    expect([left.marbles, services.credits.inFlight]).toEqual(['R---------', 0])
    await runInTime(operator, 'Rab#', { services })
    expect(services.credits.inFlight).toBe(0)
  })

  it('emits nothing more, and gives no credit twice, when the output is left during an emission', async () => {
    const services = testServices()
    services.credits.take(10)
    const operator = asyncMap(slow(services, { a: 5 }))
    const firstOnly = (source: Stream<string>) => operator(source).pipe(asOperator(take(2)))
    const { marbles } = await runInTime(firstOnly, 'Rabc------', { services })
    expect([marbles, services.credits.inFlight]).toEqual(['R-----(A|)', 10])
  })

  it('starts no call after it was unsubscribed, and aborts the signals of those under way', async () => {
    const services = testServices()
    const called: string[] = []
    const aborted: string[] = []
    const f = async (letter: string, { signal }: { signal: AbortSignal }) => {
      called.push(letter)
      signal.addEventListener('abort', () => aborted.push(letter))
      await services.clock.sleep(20)
      return letter
    }
    for (const timeout of [undefined, 50]) {
      const options = { concurrency: 2, ...(timeout === undefined ? {} : { timeout }) }
      await runInTime(asyncMap(f, options), 'Rabc-----', { services, unsubscribe: '------!' })
    }
    expect(called).toEqual(['a', 'b', 'a', 'b'])
    expect(aborted).toEqual(['a', 'b', 'a', 'b'])
    expect(services.clock.timers).toBe(0)
  })

  it('gives the record to the function', async () => {
    const operator = asyncMap(async (value: string, { record }) => value + record.offset)
    expect((await runInTime(operator, 'R-a-b|')).marbles).toBe('R-<"a0"><"b1">|')
  })

  it.each([
    ['rejects', async () => Promise.reject(new RangeError('503'))],
    [
      'throws at once',
      () => {
        throw new RangeError('503')
      },
    ],
  ])('fails as Retriable where the function %s, and names the place', async (_, f) => {
    const services = testServices()
    const operator = asyncMap((letter: string) => (letter === 'b' ? f() : Promise.resolve(letter)))
    const result = await runInTime(operator, 'R-a-1-b-2-c-|', { services })
    expect(result.marbles).toBe('R-a-1-#')
    expect(result.error).toMatchObject({
      code: 'ASYNC_MAP_FAILED',
      consequence: 'retriable',
      where: { operator: 'asyncMap', topic: 'marbles', partition: 0, offset: 1 },
      cause: { message: '503' },
    })
    expect(services.credits.inFlight).toBe(0)
  })

  it('passes errors of rxweft on as they are', async () => {
    const error = new RetriableError('MY_CODE', 'mine')
    expect(
      (
        await runInTime(
          asyncMap(() => Promise.reject(error)),
          'Ra',
          {},
        )
      ).error,
    ).toBe(error)
  })

  describe('with a retry', () => {
    /** Fails so many times, then succeeds. */
    async function failing(times: number, attempts: number, error: unknown = new Error('503')) {
      const services = testServices()
      const calls: number[] = []
      const delays: number[] = []
      const delay = (attempt: number) => {
        delays.push(attempt)
        return attempt * 2
      }
      const f = async (letter: string) => {
        calls.push(services.clock.now())
        if (calls.length <= times) throw error
        return letter
      }
      const result = await runInTime(asyncMap(f, { retry: { attempts, delay } }), 'Ra|', { services })
      return { ...result, calls, delays }
    }

    it('calls again after the delay', async () => {
      expect(await failing(2, 3)).toMatchObject({ marbles: 'R------(a|)', calls: [1, 3, 7], delays: [1, 2] })
    })

    it('fails when every attempt has', async () => {
      expect(await failing(9, 3)).toMatchObject({
        marbles: 'R------#',
        calls: [1, 3, 7],
        error: { code: 'ASYNC_MAP_FAILED' },
      })
    })

    it('tries Retriable errors again, but none that a new attempt cannot help', async () => {
      expect((await failing(1, 2, new RetriableError('BUSY', 'busy'))).calls).toHaveLength(2)
      expect(await failing(1, 2, new CorruptedError('BAD', 'bad'))).toMatchObject({
        calls: [1],
        error: { code: 'BAD' },
      })
    })

    it('fails if the delay throws', async () => {
      const delay = () => {
        throw new Error('no delay')
      }
      const operator = asyncMap(() => Promise.reject(new Error('503')), { retry: { attempts: 2, delay } })
      expect((await runInTime(operator, 'Ra')).error).toMatchObject({
        code: 'ASYNC_MAP_FAILED',
        cause: { message: 'no delay' },
      })
    })

    it('does not call again after it was unsubscribed', async () => {
      const services = testServices()
      let calls = 0
      const f = () => {
        calls += 1
        return Promise.reject(new Error('503'))
      }
      const operator = asyncMap(f, { retry: { attempts: 5, delay: () => 10 } })
      await runInTime(operator, 'Ra----', { services, unsubscribe: '---!' })
      expect([calls, services.clock.timers]).toEqual([1, 0])
    })
  })

  describe('with a timeout', () => {
    it('fails the call that is too late, and aborts its signal', async () => {
      const services = testServices()
      const aborted: number[] = []
      const f = async (letter: string, { signal }: { signal: AbortSignal }) => {
        signal.addEventListener('abort', () => aborted.push(services.clock.now()))
        await services.clock.sleep(letter === 'a' ? 4 : 6)
        return letter
      }
      const result = await runInTime(asyncMap(f, { timeout: 5 }), 'Rab--------', { services })
      expect(result.marbles).toBe('R----a-#')
      expect(result.error).toMatchObject({
        code: 'ASYNC_MAP_TIMEOUT',
        consequence: 'retriable',
        where: { operator: 'asyncMap', topic: 'marbles', partition: 0, offset: 1 },
      })
      expect(aborted).toEqual([7])
    })

    it('leaves no timer behind when it is unsubscribed', () => {
      const services = testServices()
      const operator = asyncMap(() => new Promise<string>(() => undefined), { timeout: 50 })
      run(operator, 'Rab--', { services, unsubscribe: '---!' })
      expect(services.clock.timers).toBe(0)
    })

    it('counts each attempt by itself', async () => {
      const services = testServices()
      let calls = 0
      const f = async (letter: string) => {
        calls += 1
        await services.clock.sleep(calls < 3 ? 9 : 3)
        return letter
      }
      const options = { timeout: 4, retry: { attempts: 3, delay: () => 1 } }
      const result = await runInTime(asyncMap(f, options), 'Ra|', { services })
      expect(result.marbles).toBe('R-------------(a|)')
      expect(services.clock.timers).toBe(0)
    })
  })

  it.each([
    { concurrency: 0 },
    { concurrency: 1.5 },
    { timeout: 0 },
    { timeout: NaN },
    // setTimeout would fire at once.
    { timeout: 2 ** 31 },
    { timeout: Infinity },
    { retry: { attempts: 3, delay: 100 } as never },
    { retry: { attempts: 3 } as never },
    { retry: { attempts: 0, delay: () => 0 } },
  ])('refuses the options %o', (options) => {
    expect(() => asyncMap(async () => 0, options)).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }))
  })

  it('refuses a record before the Restore', () => {
    expect(
      run(
        asyncMap(async (value) => value),
        'a',
      ).error,
    ).toMatchObject({ code: 'NO_RESTORE' })
  })

  it('keeps barriers and watermarks in place, loses nothing and returns all credits, whatever takes how long', async () => {
    const elements = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'B', 'W'), { maxLength: 25 }).map((some) => {
      let barriers = 0
      return some.map((one) => (one === 'B' ? (barriers < 9 ? `${++barriers}` : '') : one))
    })
    const times = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat({ max: 9 }))
    await fc.assert(
      fc.asyncProperty(
        elements,
        times,
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        async (picture, time, concurrency, ordered) => {
          const { marbles, inFlight } = await play(`R(${picture.join('')}|)`, time, { concurrency, ordered })
          const out = marbles.replace(/[-()]/g, '')
          const expected = `R${picture.join('').replace(/[a-d]/g, (letter) => letter.toUpperCase())}|`
          const sorted = (text: string) => text.replace(/[A-D]+/g, (letters) => [...letters].sort().join(''))
          expect(ordered ? out : sorted(out)).toBe(ordered ? expected : sorted(expected))
          expect(inFlight).toBe(0)
        },
      ),
      { numRuns: 60 },
    )
  })
})
