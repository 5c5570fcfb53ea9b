import { beforeEach, describe, expect, it } from 'vitest'
import type { Leaders } from '../../../src/kafka/nodes/leaders.ts'
import { leadsNone, unlessMoved } from '../../../src/kafka/nodes/unlessMoved.ts'
import { virtualClock } from '../../../src/testing/virtualClock.ts'

let clock: ReturnType<typeof virtualClock>
let looks: number
let dropped: boolean
let answer: (value: string) => void
let fails: (error: Error) => void

beforeEach(() => {
  clock = virtualClock()
  looks = 0
  dropped = false
})

/** A request to a node that answers when the test says so. */
function asked(moved: () => Promise<boolean>): Promise<string> {
  return unlessMoved(
    clock,
    ({ givenUp }) => {
      givenUp?.addEventListener('abort', () => (dropped = true))
      return new Promise((resolve, reject) => {
        answer = resolve
        fails = reject
      })
    },
    async () => {
      looks += 1
      return moved()
    },
  )
}

/** How it ends within so many ms, or "waits". */
async function outcome(work: Promise<string>, ms: number): Promise<string> {
  let end = 'waits'
  work.then(
    (value) => (end = value),
    (error) => (end = error.code ?? error.message),
  )
  await clock.advanceAsync(ms)
  return end
}

describe('a request to a node that says nothing', () => {
  it('is asked after each second, and waits as long as nobody else has its role', async () => {
    expect(
      await outcome(
        asked(async () => false),
        10_500,
      ),
    ).toBe('waits')
    expect(looks).toBe(10)
    expect(dropped).toBe(false)
  })

  it('is given up, in doubt and with its connection, once another node has its role', async () => {
    const work = asked(async () => looks === 4)
    expect(await outcome(work, 3_900)).toBe('waits')
    expect(await outcome(work, 200)).toBe('CONNECTION_LOST')
    expect([dropped, clock.timers]).toEqual([true, 0])
    answer('late')
    await clock.advanceAsync(5_000)
    await expect(work).rejects.toThrow('another broker has taken over the role')
    expect(looks).toBe(4)
  })

  it('waits on if nobody knows who has its role', async () => {
    const work = asked(() => Promise.reject(new Error('simulated')))
    expect(await outcome(work, 5_500)).toBe('waits')
    answer('after all')
    expect(await outcome(work, 0)).toBe('after all')
  })

  it('keeps an answer that comes while others are being asked, and its connection', async () => {
    let say = (_: boolean): void => undefined
    const work = asked(() => new Promise((resolve) => (say = resolve)))
    await clock.advanceAsync(1_000)
    answer('just in time')
    await clock.advanceAsync(0)
    say(true)
    expect(await outcome(work, 5_000)).toBe('just in time')
    expect(looks).toBe(1)
    expect(dropped).toBe(false)
  })

  it('fails as it fails, and nobody is asked any more', async () => {
    const work = asked(async () => true)
    fails(new Error('simulated'))
    expect(await outcome(work, 5_000)).toBe('simulated')
    expect(looks).toBe(0)
    expect(dropped).toBe(false)
  })
})

describe('a node', () => {
  const leaders: Pick<Leaders, 'refresh' | 'leader'> = {
    refresh: async () => undefined,
    leader(_, partition) {
      if (partition === 9) throw new Error('nobody leads it')
      return partition
    },
  }
  const splits = (...partitions: number[]) => partitions.map((partition) => ({ topic: 'topic', partition }))

  it.each([
    ['leads one of two', splits(1, 2), false],
    ['leads neither', splits(2, 3), true],
    ['led what nobody leads', splits(9), true],
  ])('that %s', async (_, its, none) => {
    expect(await leadsNone(leaders, 1, its)).toBe(none)
  })
})
