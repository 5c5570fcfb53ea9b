import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FatalError, RetriableError } from '../../../src/errors.ts'
import type { Address } from '../../../src/kafka/driver/address.ts'
import { believed, firstAnswer } from '../../../src/kafka/driver/anyBroker.ts'

const brokers: readonly Address[] = ['a', 'b', 'c'].map((host) => ({ host, port: 1 }))
const silence = 100

const gone = new RetriableError('CONNECTION_FAILED', 'nobody listens')
const refused = new FatalError('AUTHENTICATION_FAILED', 'wrong password')

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** What each broker does: an error or an answer after so many ms; without one it says nothing. */
type Behaviour = readonly [ms: number, what: Error | string] | undefined

function asking(behaviours: readonly Behaviour[]) {
  const asked: string[] = []
  const outcome = firstAnswer(brokers.slice(0, behaviours.length), silence, ({ host }) => {
    asked.push(`${host} at ${Date.now() - started}`)
    const behaviour = behaviours[asked.length - 1]
    return new Promise<string>((resolve, reject) => {
      if (behaviour === undefined) return
      const [ms, what] = behaviour
      setTimeout(() => (typeof what === 'string' ? resolve(what) : reject(what)), ms)
    })
  }).catch((error: Error & { code?: string }) => error.code ?? error.message)
  return { asked, outcome }
}

let started: number
beforeEach(() => {
  started = Date.now()
})

describe('of several brokers', () => {
  it('the next one is asked at once where one fails, and the one after it not before its silence', async () => {
    const { asked, outcome } = asking([[50, gone], undefined, [1, 'answer']])
    await vi.advanceTimersByTimeAsync(149)
    expect(asked).toEqual(['a at 0', 'b at 50'])
    await vi.advanceTimersByTimeAsync(2)
    expect(asked).toEqual(['a at 0', 'b at 50', 'c at 150'])
    expect(await outcome).toBe('answer')
  })

  it('the first answer counts, also that of one that was silent at first', async () => {
    const { asked, outcome } = asking([[120, 'late'], undefined, undefined])
    await vi.advanceTimersByTimeAsync(120)
    expect(await outcome).toBe('late')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(asked).toEqual(['a at 0', 'b at 100'])
  })

  it.each([
    ['all of them have failed', [[10, gone] as const, [10, gone] as const], 'BROKERS_UNREACHABLE'],
    ['all of them refuse for good', [[10, refused] as const, [10, refused] as const], 'AUTHENTICATION_FAILED'],
    ['one fails by a mistake in this program', [[10, new TypeError('a mistake')] as const, undefined], 'a mistake'],
  ])('none is waited for any more once %s, and no timer is left', async (_, behaviours, expected) => {
    const { outcome } = asking(behaviours)
    await vi.advanceTimersByTimeAsync(20)
    expect(await outcome).toBe(expected)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('a refusal for good', () => {
  function trying(outcomes: readonly (Error | string)[]) {
    const tries: number[] = []
    const outcome = believed(silence, async () => {
      const what = outcomes[tries.push(Date.now() - started) - 1]
      if (typeof what === 'string') return what
      throw what
    }).catch((error: { code: string }) => error.code)
    return { tries, outcome }
  }

  it('is believed at the third time, with pauses in between', async () => {
    const { tries, outcome } = trying([refused, refused, refused])
    await vi.advanceTimersByTimeAsync(1_000)
    expect([await outcome, tries]).toEqual(['AUTHENTICATION_FAILED', [0, 100, 300]])
  })

  it('is forgotten if the next try succeeds, and other failures are not tried again', async () => {
    const second = trying([refused, 'answer'])
    const failing = trying([gone])
    await vi.advanceTimersByTimeAsync(1_000)
    expect([await second.outcome, second.tries]).toEqual(['answer', [0, 100]])
    expect([await failing.outcome, failing.tries]).toEqual(['CONNECTION_FAILED', [0]])
  })
})
