/** The clock of the machine is set by an hour, forward or back, while a job runs. */
import { describe, expect, it } from 'vitest'
import { defineJob } from '../../src/job/defineJob.ts'
import { exponentialDelay, failureRate } from '../../src/job/restart.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { RetriableError } from '../../src/openErrors.ts'
import { asyncMap } from '../../src/operators/asyncMap.ts'
import { map } from '../../src/operators/map.ts'
import { to } from '../../src/operators/to.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import { virtualClock } from '../../src/testing/virtualClock.ts'
import { boundedOutOfOrderness } from '../../src/time/watermarks.ts'
import { type Running, restless, start, upper } from './running.ts'

const hour = 3_600_000

/** When each event of a type was told, in ms since the clock was made. */
function timesOf({ handle, clock }: Running, type: string): number[] {
  const times: number[] = []
  const made = clock.monotonic()
  handle.events$.subscribe((event) => {
    if (event.type === type) times.push(clock.monotonic() - made)
  })
  return times
}

describe.each([
  ['back', -hour],
  ['forward', hour],
])('a clock that is set %s by an hour', (_, step) => {
  it('changes nothing of when checkpoints are taken', async () => {
    const clock = virtualClock(hour)
    const running = start(upper(restless(clock), memorySink()), { clock })
    const committed = timesOf(running, 'checkpoint-committed')
    await running.clock.advanceAsync(1_500)
    running.clock.step(step)
    await running.clock.advanceAsync(2_000)
    running.clock.step(step)
    await running.clock.advanceAsync(1_000)
    expect(committed).toEqual([1_000, 2_000, 3_000, 4_000])
  })

  it('neither ends a checkpoint that is under way nor lets one go on past its timeout', async () => {
    const from = memorySource<string>()
    const never = defineJob('slow', (builder) =>
      builder.from(from).pipe(
        asyncMap(() => new Promise<string>(() => undefined)),
        to(memorySink<string>()),
      ),
    )
    const running = start(never, { checkpointing: { timeout: 4_000 }, clock: virtualClock(hour) })
    const failed = timesOf(running, 'checkpoint-failed')
    from.push('a')
    await running.clock.advanceAsync(1_500)
    running.clock.step(step)
    await running.clock.advanceAsync(10_000)
    expect(failed).toEqual([5_000])
  })

  it('leaves an idle split idle, and a busy one busy', async () => {
    const said: string[] = []
    const from = memorySource<number>({ partitions: [[], []], unbounded: true, timestamp: (at) => at })
    const strategy = boundedOutOfOrderness(0).withIdleness(1_000)
    const into = memorySink<string>()
    const running = start(
      defineJob('idle', (builder) => {
        const elements = builder.from(from, strategy)
        elements.subscribe((element) => element.kind === 'watermark' && said.push(`W${element.timestamp}`))
        return elements.pipe(map(String), to(into))
      }),
      { clock: virtualClock(hour), checkpointing: { interval: 100_000 } },
    )
    await running.clock.advanceAsync(10)
    from.pushTo(0, 10)
    await running.clock.advanceAsync(500)
    from.pushTo(0, 20)
    running.clock.step(step)
    await running.clock.advanceAsync(400)
    expect(said).toEqual([])
    await running.clock.advanceAsync(200)
    expect(said).toEqual(['W19'])
  })

  it('changes no delay between restarts, and not what counts as a success', async () => {
    let left = 3
    const failing = defineJob('failing', ({ from }) =>
      from(memorySource<string>()).pipe(
        to({
          ...memorySink<string>(),
          open: async () => {
            if (left-- > 0) throw new RetriableError('NOT_YET', 'not yet')
            return { write: () => undefined, prepare: async () => null, close: async () => undefined }
          },
        }),
      ),
    )
    const restart = exponentialDelay({ initial: 1_000, max: 30_000, jitter: 0 })
    const running = start(failing, { restart, clock: virtualClock(hour) })
    const started = timesOf(running, 'started')
    for (let second = 0; second < 10; second++) {
      await running.clock.advanceAsync(500)
      running.clock.step(step)
      await running.clock.advanceAsync(500)
    }
    expect(started).toEqual([0, 1_000, 3_000, 7_000])
  })

  it('makes no failures come closer together, or lie further apart', async () => {
    const failing = defineJob('failing', ({ from }) =>
      from(memorySource<string>()).pipe(
        to({
          ...memorySink<string>(),
          open: async () => {
            throw new RetriableError('NOT_YET', 'not yet')
          },
        }),
      ),
    )
    const restart = failureRate({ failures: 2, interval: 10_000, delay: 4_000 })
    const running = start(failing, { restart, clock: virtualClock(hour) })
    const started = timesOf(running, 'started')
    for (let second = 0; second < 20; second++) {
      running.clock.step(step)
      await running.clock.advanceAsync(1_000)
    }
    expect(started).toEqual([0, 4_000, 8_000])
  })
})
