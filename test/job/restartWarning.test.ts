import { afterEach, describe, expect, it, vi } from 'vitest'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import { defineJob } from '../../src/job/defineJob.ts'
import { execute } from '../../src/job/execute.ts'
import { exponentialDelay, type RestartStrategy } from '../../src/job/restart.ts'
import { restartWarning } from '../../src/job/restartWarning.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { RetriableError } from '../../src/openErrors.ts'
import { to } from '../../src/operators/to.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import { virtualClock } from '../../src/testing/virtualClock.ts'

/** A job whose sink cannot be opened so many times; each attempt that can takes checkpoints for a while, then fails. */
function failing(
  failures: number,
  restart: RestartStrategy | undefined = exponentialDelay({ initial: 100, jitter: 0 }),
) {
  const clock = virtualClock()
  let left = failures
  const sink = {
    ...memorySink<string>(),
    open: async () => {
      if (left-- > 0) throw new RetriableError('NOT_YET', 'the other side is down')
      return { write: () => undefined, prepare: async () => null, close: async () => undefined }
    },
  }
  const job = defineJob('payments', ({ from }) => from(memorySource<string>()).pipe(to(sink)))
  const handle = execute(job, { storage: memoryStorage(), clock, restart, checkpointing: { interval: 100 } })
  handle.done.catch(() => undefined)
  return { clock, handle }
}

afterEach(() => vi.restoreAllMocks())

describe('a job that restarts again and again', () => {
  it('says so once if nobody listens', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const { clock, handle } = failing(Infinity)
    await clock.advanceAsync(250)
    expect(warned).not.toHaveBeenCalled()
    await clock.advanceAsync(60_000)
    expect(warned).toHaveBeenCalledTimes(1)
    expect(warned.mock.calls[0]?.[0]).toMatch(/"payments" has restarted 3 times in a row.*the other side is down/)
    expect(warned.mock.calls[0]?.[1]).toMatchObject({ code: 'NOT_YET' })
    await handle.cancel()
  })

  it('says so too if it goes on in between, each time', () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const hear = restartWarning('payments', () => false)
    const error = new RetriableError('NOT_YET', 'the other side is down')
    for (let restart = 1; restart <= 12; restart++) {
      hear({ type: 'restarting', delay: 100, error })
      expect(warned).toHaveBeenCalledTimes(restart < 10 ? 0 : 1)
      hear({
        type: 'checkpoint-committed',
        checkpoint: restart,
        duration: 9,
        phases: { barrier: 3, store: 3, commit: 3 },
      })
    }
    expect(warned.mock.calls[0]?.[0]).toContain('"payments" has restarted 10 times; the last error was')
  })

  it('says nothing where somebody listens, or where it has gone on meanwhile', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const [heard, twice] = [failing(Infinity), failing(2)]
    heard.handle.events$.subscribe(() => undefined)
    for (const { clock, handle } of [heard, twice]) {
      await clock.advanceAsync(60_000)
      await handle.cancel()
    }
    expect(warned).not.toHaveBeenCalled()
  })

  it('goes on two seconds after all is well again, however long it was not', async () => {
    const { clock, handle } = failing(1_000, exponentialDelay())
    let committed = 0
    const failures: number[] = []
    handle.events$.subscribe((event) => {
      if (event.type === 'restarting') failures.push(event.delay)
      if (event.type === 'checkpoint-committed') committed += 1
    })
    await clock.advanceAsync(100 * 2_000)
    expect(Math.max(...failures)).toBeLessThanOrEqual(2_000)
    expect(failures.length).toBeGreaterThan(95)
    expect(committed).toBe(0)
    await handle.cancel()
  })
})
