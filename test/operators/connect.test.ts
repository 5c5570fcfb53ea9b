import { describe, expect, it } from 'vitest'
import { connect } from '../../src/operators/connect.ts'
import { keyBy } from '../../src/operators/keyBy.ts'
import { merge } from '../../src/operators/merge.ts'
import { sideOutput } from '../../src/operators/sideOutput.ts'
import { mapState } from '../../src/state/mapState.ts'
import { valueState } from '../../src/state/valueState.ts'
import type { Stream } from '../../src/stream.ts'
import { type RunOptions, run, runInTime, testServices } from '../../src/testing/index.ts'
import { told } from './told.ts'

type Letters = Stream<string>
const id = 'c'

/** Each letter with the rules that there are, and how often its key has come. */
const ruled = (letters: Letters, rules: Letters) =>
  letters.pipe(
    keyBy((letter) => letter.toLowerCase()),
    connect(
      rules,
      {
        broadcast: mapState<string, number>(),
        state: { count: valueState<number>() },
        onElement(letter, { broadcast, state }) {
          const count = (state.count.get() ?? 0) + 1
          state.count.set(count)
          return [`${letter}${count}${[...broadcast.keys()].sort().join('')}`]
        },
        onBroadcast(rule, { broadcast, record }) {
          if (rule === rule.toUpperCase()) broadcast.delete(rule.toLowerCase())
          else broadcast.set(rule, record.timestamp)
        },
      },
      { id },
    ),
  )

const played = (
  pictures: readonly [string, string],
  options?: RunOptions & { readonly values?: Record<string, string> },
) => told(run(ruled, pictures, options).elements)

describe('connect', () => {
  it('lets elements of every key look into what the other stream has said, which needs no keys', () => {
    expect(
      played([
        'Ra---b-A|', //
        'R-xy--X-|',
      ]),
    ).toBe('a1@1 b1xy@5 A2y@7')
  })

  it('keeps the map and the state of each key in the snapshot', () => {
    const before = run(ruled, [
      'Ra--1-a', //
      'R-xy1z-',
    ])
    expect(told(before.elements)).toBe('a1@1 1 a2xyz@6')
    const restoreFrom = before.snapshot(1)
    expect(played(['R-a-b', 'R-----'], { restoreFrom })).toBe('a2xy@2 b1xy@4')
    expect(played(['R-a-b', 'R--X--'], { restoreFrom })).toBe('a2xy@2 b1y@4')
  })

  it('takes a rule that comes after barrier n for n + 1, and an element too', () => {
    const inputs = [
      'Ra-1a----', //
      'R-x-y-1--',
    ] as const
    expect(played(inputs)).toBe('a1@1 1 a2xy@4')
    const later = ['R1--a', 'R-x1-'] as const
    expect(played(later)).toBe('1 a1x@4')
    expect(played(['R-a1', 'R1x-'])).toBe('a1@2 1')
  })

  it('has the lower watermark of both, and waits for no input that is idle or has ended', () => {
    expect(played(['R-W---', 'R---W-'])).toBe('W2')
    expect(played(['R---W-', 'R<idle>'])).toBe('W4')
    expect(played(['R---W-', 'R-|'])).toBe('W4')
    expect(run(ruled, ['R-a-|', 'R---|']).marbles).toMatch(/\|$/)
    expect(run(ruled, ['R-a-|', 'R----']).marbles).not.toMatch(/\|$/)
  })

  it('errors with the error of either input, and leaves both', () => {
    const error = new Error('of the rules')
    const result = run(ruled, ['R-a--', 'R--#'], { error })
    expect(result).toMatchObject({ error, subscriptions: ['^--!', '^--!'] })
    expect(run(ruled, ['R-#', 'R---'], { error }).error).toBe(error)
    expect(run(ruled, ['R-a', 'R-x'], { unsubscribe: '-!' })).toMatchObject({ subscriptions: ['^!', '^!'] })
  })

  it('has timers of both times, which may look into the map', async () => {
    const ringing = (letters: Letters, rules: Letters) =>
      letters.pipe(
        keyBy((letter) => letter),
        connect(
          rules,
          {
            broadcast: mapState<string, string>(),
            onElement(_, { timers, record }) {
              timers.event.set(record.timestamp + 2)
              timers.processing.set(timers.now() + 5)
            },
            onBroadcast: (rule, { broadcast }) => broadcast.set(rule, rule),
            onEventTimer: (_, { key, broadcast }) => [`event ${key}${broadcast.keys().join('')}`],
            onProcessingTimer: (_, { key, broadcast }) => [`clock ${key}${broadcast.size}`],
          },
          { id },
        ),
      )
    const { elements } = await runInTime(ringing, ['Ra--W----|', 'R-x-W----|'])
    expect(told(elements)).toBe('event ax@3 W4 clock a1@6')
  })

  it('lets rules speak through side outputs, with the place of the rule', () => {
    const speaking = (letters: Letters, rules: Letters) => {
      const changes = sideOutput<string>()
      const main = letters.pipe(
        keyBy((letter) => letter),
        connect(
          rules,
          {
            broadcast: mapState<string, string>(),
            outputs: { changes },
            onElement: (letter) => [letter],
            onBroadcast(rule, { outputs, watermark }) {
              outputs.changes(`${rule} at ${watermark}`)
            },
          },
          { id },
        ),
      )
      return merge(main, changes)
    }
    const { elements } = run(speaking, ['RW-a|', 'RW-x|'])
    expect(told(elements)).toBe('W1 a@3 x at 1@3')
    expect(elements.find((e) => e.kind === 'record' && e.value.startsWith('x'))).toMatchObject({
      split: { topic: 'marbles', partition: 1 },
      offset: 0,
      key: null,
    })
  })

  it('leaves nothing behind of a rule that it throws on, if the job goes on', () => {
    const throwing = (letters: Letters, rules: Letters) =>
      letters.pipe(
        keyBy((letter) => letter),
        connect(
          rules,
          {
            broadcast: mapState<string, string>(),
            onElement: (letter, { broadcast }) => [letter + broadcast.keys().join('')],
            onBroadcast(rule, { broadcast }) {
              broadcast.clear()
              broadcast.set(rule, rule)
              if (rule === 'y') throw new RangeError('no y')
            },
          },
          { id },
        ),
      )
    const services = testServices({ onError: 'skip' })
    const { elements } = run(throwing, ['Ra---b', 'R-x-y-'], { services })
    expect(told(elements)).toBe('a@1 bx@5')
    expect(services.skipped).toMatchObject([{ record: { value: 'y', key: null }, operator: id }])
    expect(run(throwing, ['Ra---b', 'R-x-y-']).error).toMatchObject({
      code: 'OPERATOR_FAILED',
      where: { partition: 1 },
    })
  })

  it('is about no key while it takes a rule', () => {
    let state: { get(): unknown } | undefined
    const reaching = (letters: Letters, rules: Letters) =>
      letters.pipe(
        keyBy((letter) => letter),
        connect(
          rules,
          {
            broadcast: mapState<string, string>(),
            state: { count: valueState<number>() },
            onElement(_, context) {
              state = context.state.count
            },
            onBroadcast: () => void state?.get(),
          },
          { id },
        ),
      )
    expect(run(reaching, ['Ra--', 'R-x-']).error).toMatchObject({ code: 'OUTSIDE_OF_CALL' })
  })

  it('shows the map to nobody while nothing is processed', () => {
    let late = (): unknown => undefined
    const keeping = (letters: Letters, rules: Letters) =>
      letters.pipe(
        keyBy((letter) => letter),
        connect(
          rules,
          {
            broadcast: mapState<string, string>(),
            onElement: () => undefined,
            onBroadcast(rule, { broadcast }) {
              late = () => broadcast.set(rule, rule)
            },
          },
          { id },
        ),
      )
    expect(run(keeping, ['R--', 'R-x']).error).toBeUndefined()
    expect(late).toThrow(expect.objectContaining({ code: 'OUTSIDE_OF_CALL' }))
  })

  it('shows the map to elements for reading only', () => {
    const looking = (letters: Letters, rules: Letters) =>
      letters.pipe(
        keyBy((letter) => letter),
        connect(
          rules,
          {
            broadcast: mapState<string, string>(),
            onElement: (_, { broadcast }) => ['set' in broadcast, 'delete' in broadcast, 'clear' in broadcast],
            onBroadcast: () => undefined,
          },
          { id },
        ),
      )
    expect(told(run(looking, ['Ra', 'R-']).elements)).toBe('false@1 false@1 false@1')
  })

  it('measures the life of the state of a key by elements, and not by rules', () => {
    const expiring = (letters: Letters, rules: Letters) =>
      letters.pipe(
        keyBy((letter) => letter),
        connect(
          rules,
          {
            broadcast: mapState<string, string>(),
            state: { count: valueState<string>({ ttl: 3 }) },
            onElement: (letter, { state }) => state.count.set(letter),
            onBroadcast: () => undefined,
          },
          { id },
        ),
      )
    const kept = (letters: string, rules: string) => {
      const { entries } = run(expiring, [letters, rules]).snapshot(2)
      return [...entries.values()].flat().some(({ bytes }) => Buffer.from(bytes).includes('"a"'))
    }
    expect([kept('Ra1b----2', 'R-1----x2'), kept('Ra1----b2', 'R-1-----2')]).toEqual([true, false])
  })

  it('forgets what has expired, by the time of who looks', () => {
    const expiring = (letters: Letters, rules: Letters) =>
      letters.pipe(
        keyBy((letter) => letter),
        connect(
          rules,
          {
            broadcast: mapState<string, string>({ ttl: 3 }),
            onElement: (letter, { broadcast }) => [letter + broadcast.keys().join('')],
            onBroadcast: (rule, { broadcast }) => broadcast.set(rule, rule),
          },
          { id },
        ),
      )
    expect(told(run(expiring, ['R--ab-', 'Rx-y--']).elements)).toBe('ax@3 by@4')
  })
})
