/**
 * A record that sets state which does not encode is found, although only a later barrier reveals
 * it.
 */
import { describe, expect, it } from 'vitest'
import { type DeadLetter, deadLetter } from '../../src/job/badRecords/deadLetter.ts'
import { defineJob, type JobOptions } from '../../src/job/defineJob.ts'
import { fixedDelay, noRestart } from '../../src/job/restart.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { keyBy } from '../../src/operators/keyBy.ts'
import { scan } from '../../src/operators/scan.ts'
import { to } from '../../src/operators/to.ts'
import { window } from '../../src/operators/window.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import { monotonousTimestamps } from '../../src/time/watermarks.ts'
import { tumbling } from '../../src/time/windows.ts'
import { failure, start, untilEnd } from './running.ts'

const numbers = [1, Number.NaN, 2, 3]
const restart = fixedDelay({ attempts: 3, delay: 10 })

function sums(options: JobOptions) {
  const source = memorySource(numbers)
  const sink = memorySink<number>()
  const job = defineJob(
    'sums',
    ({ from }) =>
      from(source).pipe(
        keyBy(() => 'all'),
        scan((sum, n) => sum + n, 0, { id: 'sum' }),
        to(sink),
      ),
    options,
  )
  return { job, sink }
}

describe('a record that makes a state which does not encode', () => {
  it('is skipped, and everything else is processed once', async () => {
    const { job, sink } = sums({ onError: 'skip' })
    const running = start(job, { restart })
    expect(await untilEnd(running)).toMatchObject({ outcome: 'finished' })
    expect(sink.committed).toEqual([1, 3, 6])
    expect(running.events.filter(({ type }) => type === 'restarting')).toHaveLength(1)
  })

  it('becomes a dead letter with its coordinates', async () => {
    const letters = memorySink<DeadLetter>({ id: 'letters' })
    const { job, sink } = sums({ onError: deadLetter(letters) })
    await untilEnd(start(job, { restart }))
    expect(sink.committed).toEqual([1, 3, 6])
    expect(letters.committed).toMatchObject([{ offset: 1, operator: 'sum', code: 'STATE_NOT_ENCODABLE' }])
  })

  it('ends a job that goes on without none, with the place of the record', async () => {
    const { job } = sums({})
    expect(await failure(start(job, { restart }))).toMatchObject({
      code: 'STATE_NOT_ENCODABLE',
      where: { operator: 'sum', partition: 0, offset: 1 },
    })
  })

  it('ends a job that is not to be restarted, as before', async () => {
    const { job } = sums({ onError: 'skip' })
    expect(await failure(start(job, { restart: noRestart() }))).toMatchObject({
      code: 'STATE_NOT_ENCODABLE',
      where: { operator: 'sum' },
    })
  })

  it('leaves nothing in a window whose accumulator is changed in place', async () => {
    const source = memorySource<number>({ partitions: [[]], timestamp: () => 5, unbounded: true })
    const sink = memorySink<number>()
    const job = defineJob(
      'windows',
      ({ from }) =>
        from(source, monotonousTimestamps()).pipe(
          keyBy(() => 'all'),
          window(tumbling(10)).aggregate(
            {
              create: () => ({ sum: 0 }),
              add(all, n) {
                all.sum += n
                return all
              },
              result: ({ sum }) => sum,
            },
            { id: 'sum' },
          ),
          to(sink),
        ),
      { onError: 'skip' },
    )
    const running = start(job, { restart })
    source.push(...numbers)
    // The window is still open at the barrier that finds it.
    await running.clock.advanceAsync(3_000)
    source.end()
    await untilEnd(running)
    expect(sink.committed).toEqual([6])
  })
})
