/** Delays that functions of users return: a timer would take anything but a number of ms for no delay at all. */
import { describe, expect, it } from 'vitest'
import { RetriableError } from '../../src/errors.ts'
import { defineJob } from '../../src/job/defineJob.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { asyncMap } from '../../src/operators/asyncMap.ts'
import { map } from '../../src/operators/map.ts'
import { to } from '../../src/operators/to.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import { runInTime, testServices } from '../../src/testing/index.ts'
import { failure, start } from './running.ts'

const wrong: readonly (readonly [unknown, string])[] = [
  [Number.NaN, 'NaN'],
  [-1, '-1'],
  [Infinity, 'Infinity'],
  ['soon', 'of type string'],
  [undefined, 'of type undefined'],
]

describe('a delay ends the job if it is not a number of ms:', () => {
  it.each(wrong)('%s, of a restart policy', async (delay, shown) => {
    const failing = map((): string => {
      throw new RetriableError('SERVICE_DOWN' as never, 'it is down')
    })
    const job = defineJob('failing', ({ from }) => from(memorySource(['a'])).pipe(failing, to(memorySink())))
    const running = start(job, { restart: () => () => delay as number })
    const error = await failure(running)
    expect(error).toMatchObject({ code: 'BAD_DELAY', consequence: 'fatal', cause: { code: 'SERVICE_DOWN' } })
    expect(error.message).toContain(shown)
    expect(running.story().filter((event) => event === 'started')).toHaveLength(1)
  })

  it.each(wrong)('%s, of retry.delay', async (delay, shown) => {
    let calls = 0
    const f = async (): Promise<string> => {
      calls += 1
      throw new Error('no')
    }
    const retried = asyncMap(f, { retry: { attempts: 9, delay: () => delay as number } })
    const { error } = await runInTime(retried, 'Ra|', { services: testServices({ onError: 'skip' }) })
    expect(error).toMatchObject({ code: 'BAD_DELAY', consequence: 'fatal', where: { operator: 'asyncMap' } })
    expect((error as Error).message).toContain(shown)
    expect(calls).toBe(1)
  })
})
