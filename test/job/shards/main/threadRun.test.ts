import { describe, expect, it } from 'vitest'
import { laneFor } from '../../../../src/job/shards/main/laneFor.ts'
import { type ThreadLife, type ThreadReports, threadRun } from '../../../../src/job/shards/main/threadRun.ts'
import { agenda } from '../../../simulation/core/agenda.ts'
import { simulatedProcess } from '../../../simulation/core/process.ts'

/** A shard in a thread that says what a test wants. */
function ground() {
  const time = agenda()
  const orders: string[] = []
  let reports: ThreadReports | undefined
  let hangsSince: number | null = null
  let closed = 0
  const life: ThreadLife = {
    death: new Promise(() => undefined),
    hasRun: () => true,
    silence: () => (hangsSince === null ? 0 : time.now() - hangsSince),
    end: (how) => void orders.push(how),
    close: () => void closed++,
  }
  const run = threadRun({
    ...{ shard: 3, clock: simulatedProcess('main', time).clock, delayAfter: () => 0 },
    begin(given) {
      reports = given
      return life
    },
  })
  let end: unknown = null
  run.done.then(
    (result) => {
      end = result
    },
    (error) => {
      end = error
    },
  )
  return {
    ...{ run, orders },
    end: () => end,
    closed: () => closed,
    hang() {
      hangsSince = time.now()
    },
    wake() {
      hangsSince = null
    },
    reports: () => reports as ThreadReports,
    pass: async (ms: number) => void (await time.runUntil(() => false, time.now() + ms)),
  }
}

describe('a shard in a thread that is to stop', () => {
  it('ends with an error that names it where its thread hangs, and closes the thread', async () => {
    const { run, hang, pass, end, closed, orders } = ground()
    await pass(1_000)
    hang()
    run.stop().catch(() => undefined)
    await pass(30_000)
    expect([end(), orders]).toEqual([null, ['stop']])
    await pass(4_000)
    expect(end()).toMatchObject({ code: 'SHARD_HANGS', consequence: 'retriable', where: { shard: 3 } })
    expect(closed()).toBe(1)
  })

  it('waits as long as it takes where its thread lives', async () => {
    const { run, pass, end, reports } = ground()
    await pass(1_000)
    run.stop().catch(() => undefined)
    await pass(600_000)
    expect(end()).toBeNull()
    reports().ended({ outcome: 'stopped', checkpoint: 7 })
    await pass(10)
    expect(end()).toEqual({ outcome: 'stopped', checkpoint: 7 })
  })

  it('is not given up because the whole process was frozen', async () => {
    const { run, pass, hang, wake, end } = ground()
    hang()
    run.stop().catch(() => undefined)
    // All that is seen of a frozen process is that its threads were silent, until they have had a turn.
    await pass(32_000)
    wake()
    await pass(60_000)
    expect(end()).toBeNull()
  })

  it('is left alone where it hangs, and nobody wants it to end', async () => {
    const { pass, hang, end } = ground()
    hang()
    await pass(600_000)
    expect(end()).toBeNull()
  })
})

it('another shard goes to the thread with the fewest, and to one that hangs only where all do', () => {
  const lane = (size: number, silent: number) => ({ shards: { size }, silent })
  const silence = (one: { readonly silent: number }) => one.silent
  const [busy, idle, hanging] = [lane(3, 900), lane(1, 0), lane(0, 9_000)]
  expect(laneFor([busy, idle, hanging], silence)).toBe(idle)
  expect(laneFor([hanging, busy], silence)).toBe(busy)
  expect(laneFor([lane(1, 9_000), hanging], silence)).toBe(hanging)
  expect(laneFor([], silence)).toBeUndefined()
})
