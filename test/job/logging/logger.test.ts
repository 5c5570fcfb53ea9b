import { Writable } from 'node:stream'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { defineJob } from '../../../src/job/defineJob.ts'
import { fixedDelay } from '../../../src/job/restart.ts'
import { memorySource } from '../../../src/memory/memorySource.ts'
import { RetriableError } from '../../../src/openErrors.ts'
import { map } from '../../../src/operators/map.ts'
import { to } from '../../../src/operators/to.ts'
import { memorySink } from '../../../src/sinks/memorySink.ts'
import { failure, start, upper } from '../running.ts'

/** The real pino, and the lines that it has written. */
function logged() {
  const lines: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  return { logger: pino({ level: 'debug' }, stream), lines, all: () => lines.map((line) => JSON.parse(line)) }
}

describe('the logger of a job', () => {
  it('gets each event with job, shard and checkpoint, at a level by its weight', async () => {
    const { logger, all } = logged()
    const from = memorySource<string>()
    from.push('a')
    const { clock, handle } = start(upper(from, memorySink<string>()), { logger })
    for (let step = 0; step < 40; step++) await clock.advanceAsync(50)
    handle.stop()
    for (let step = 0; step < 10; step++) await clock.advanceAsync(50)
    const { info, debug } = pino.levels.values
    const of = (event: string) => all().find((one) => one.event === event)
    expect(of('restored')).toMatchObject({ level: info, job: 'upper', shard: 0, checkpoint: 0 })
    expect(of('checkpoint-committed')).toMatchObject({
      level: debug,
      checkpoint: 1,
      msg: 'job upper: checkpoint committed',
    })
    expect(of('stopped')).toMatchObject({ level: info })
  })

  it('gets codes and places of errors, and never what a function or a record says', async () => {
    const secret = 'hunter2SECRET4711'
    const { logger, lines, all } = logged()
    const running = start(
      defineJob('upper', (builder) =>
        builder.from(memorySource({ partitions: [[secret]] })).pipe(
          map((value) => {
            throw new RetriableError('TRY_AGAIN', `cannot use ${value}`, {
              hint: value,
              where: { topic: 'orders', partition: 3, offset: 7 },
            })
          }),
          to(memorySink<string>()),
        ),
      ),
      { logger, restart: fixedDelay({ attempts: 1, delay: 10 }) },
    )
    await failure(running)
    const { warn, error } = pino.levels.values
    expect(all().find(({ event }) => event === 'restarting')).toMatchObject({
      level: warn,
      code: 'TRY_AGAIN',
      delay: 10,
    })
    expect(all().find(({ event }) => event === 'failed')).toMatchObject({
      ...{ level: error, code: 'TRY_AGAIN', consequence: 'retriable' },
      ...{ topic: 'orders', partition: 3, offset: 7 },
      msg: 'job upper: failed: TRY_AGAIN',
    })
    expect(lines.join('')).not.toContain(secret)
  })

  it('does not end the job by throwing', async () => {
    const broken = () => {
      throw new Error('disk full')
    }
    const from = memorySource<string>()
    from.push('a')
    const logger = { debug: broken, info: broken, warn: broken, error: broken }
    const { clock, story } = start(upper(from, memorySink<string>()), { logger })
    for (let step = 0; step < 40; step++) await clock.advanceAsync(50)
    expect(story()).toContain('checkpoint-committed 1')
  })
})
