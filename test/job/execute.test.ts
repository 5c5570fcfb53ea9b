import { describe, expect, it } from 'vitest'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import type { Source } from '../../src/contracts/source.ts'
import { defineJob } from '../../src/job/defineJob.ts'
import { execute } from '../../src/job/execute.ts'
import { failureRate, fixedDelay } from '../../src/job/restart.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { RetriableError } from '../../src/openErrors.ts'
import { filter } from '../../src/operators/filter.ts'
import { map } from '../../src/operators/map.ts'
import { merge } from '../../src/operators/merge.ts'
import { tap } from '../../src/operators/tap.ts'
import { to } from '../../src/operators/to.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import type { TransactionalSink } from '../../src/sinks/sink.ts'
import { settle, virtualClock } from '../../src/testing/virtualClock.ts'
import { asOperator } from '../../tools/support/asOperator.ts'
import { thrownBy } from '../../tools/support/thrown.ts'
import { failure, start, untilEnd, upper } from './running.ts'

describe('a job over a bounded source', () => {
  it('processes all of it, takes a final checkpoint and finishes', async () => {
    const into = memorySink<string>()
    const running = start(upper(memorySource(['a', 'b', 'c']), into))
    expect(await untilEnd(running)).toEqual({ outcome: 'finished', checkpoint: 1 })
    expect(into.committed).toEqual(['A', 'B', 'C'])
  })

  it('needs no time for that: the final checkpoint waits for no interval', async () => {
    const running = start(upper(memorySource(['a']), memorySink()))
    for (let turns = 0; turns < 10; turns++) await settle()
    expect(running.ended()).toMatchObject({ outcome: 'finished' })
    expect(running.clock.now()).toBe(0)
  })

  it('emits what happens, in order', async () => {
    const running = start(upper(memorySource(['a']), memorySink()))
    await untilEnd(running)
    expect(running.story()).toEqual([
      'started',
      'restored 0',
      'checkpoint-triggered 1 final',
      'checkpoint-stored 1',
      'checkpoint-committed 1',
      'finished 1',
    ])
  })

  it('finishes if there is nothing to process', async () => {
    expect(await untilEnd(start(upper(memorySource([]), memorySink())))).toEqual({ outcome: 'finished', checkpoint: 1 })
  })

  it('does nothing again when it is started once more', async () => {
    const [from, into, storage] = [memorySource(['a']), memorySink<string>(), memoryStorage()]
    await untilEnd(start(upper(from, into), { storage }))
    const again = start(upper(from, into), { storage })
    expect(await untilEnd(again)).toEqual({ outcome: 'finished', checkpoint: 2 })
    expect(again.story()).toContain('restored 1')
    expect(into.committed).toEqual(['A'])
  })

  it('leaves no timer behind', async () => {
    const running = start(upper(memorySource(['a']), memorySink()))
    await untilEnd(running)
    expect(running.clock.timers).toBe(0)
  })
})

describe('a source that always has more', () => {
  it('leaves timers and sockets their turn between two batches', async () => {
    let seen = 0
    const values = Array.from({ length: 5_000 }, (_, at) => `${at}`)
    const job = defineJob('busy', ({ from }) =>
      from(memorySource(values)).pipe(
        tap(() => void seen++),
        to(memorySink()),
      ),
    )
    const seenAtTurns: number[] = []
    const watch = (): void => {
      seenAtTurns.push(seen)
      if (seen < values.length) setImmediate(watch)
    }
    setImmediate(watch)
    await untilEnd(start(job))
    expect(seenAtTurns.filter((count) => count > 0 && count < values.length).length).toBeGreaterThan(5)
  })
})

describe('a job with several ends', () => {
  it('commits all of them or none', async () => {
    const [all, long] = [memorySink<string>({ id: 'all' }), memorySink<string>({ id: 'long' })]
    const job = defineJob('two-sinks', ({ from }) => {
      const lines = from(memorySource(['a', 'bb', 'ccc']))
      return [
        lines.pipe(to(all)),
        lines.pipe(
          filter((line) => line.length > 1),
          to(long),
        ),
      ]
    })
    await untilEnd(start(job))
    expect(all.committed).toEqual(['a', 'bb', 'ccc'])
    expect(long.committed).toEqual(['bb', 'ccc'])
  })

  it('reads several sources, and remembers each', async () => {
    const [into, storage] = [memorySink<string>(), memoryStorage()]
    const [left, right] = [
      memorySource<string>({ partitions: [[]], unbounded: true, topic: 'left' }),
      memorySource(['x', 'y']),
    ]
    const job = defineJob('two-sources', ({ from }) => merge(from(left), from(right)).pipe(to(into)))
    const first = start(job, { storage })
    left.push('a')
    await first.clock.advanceAsync(1_000)
    await first.handle.stop()
    left.push('b')
    left.end()
    await untilEnd(start(job, { storage }))
    expect([...into.committed].sort()).toEqual(['a', 'b', 'x', 'y'])
  })
})

describe('stop', () => {
  it('takes a final checkpoint of all that was read, and ends', async () => {
    const [from, into] = [memorySource<string>(), memorySink<string>()]
    const running = start(upper(from, into))
    from.push('a', 'b')
    await running.clock.advanceAsync(1)
    expect(await running.handle.stop()).toEqual({ outcome: 'stopped', checkpoint: 1 })
    expect(into.committed).toEqual(['A', 'B'])
    expect(running.story().slice(2)).toEqual([
      'checkpoint-triggered 1 final',
      'checkpoint-stored 1',
      'checkpoint-committed 1',
      'stopped 1',
    ])
  })

  it('before the job is under way still ends it cleanly', async () => {
    const running = start(upper(memorySource<string>(), memorySink()))
    expect(await running.handle.stop()).toEqual({ outcome: 'stopped', checkpoint: 1 })
  })

  it('asked for twice is done once', async () => {
    const running = start(upper(memorySource<string>(), memorySink()))
    await running.clock.advanceAsync(0)
    expect(await Promise.all([running.handle.stop(), running.handle.stop()])).toEqual([
      { outcome: 'stopped', checkpoint: 1 },
      { outcome: 'stopped', checkpoint: 1 },
    ])
  })

  it('waits for the checkpoint that is under way', async () => {
    const from = memorySource<string>()
    const running = start(upper(from, memorySink()))
    await running.clock.advanceAsync(0)
    running.clock.advance(1_000)
    expect(await running.handle.stop()).toEqual({ outcome: 'stopped', checkpoint: 2 })
  })

  it('from within an operator loses and doubles nothing, whatever shares the source', async () => {
    const values = Array.from({ length: 20 }, (_, at) => `${at}`)
    const [from, storage] = [memorySource(values), memoryStorage()]
    const [left, right] = [memorySink<string>({ id: 'left' }), memorySink<string>({ id: 'right' })]
    let stop: () => unknown = () => undefined
    const job = defineJob('stopping', (builder) => {
      const shared = builder.from(from)
      const stopping = tap<string>((value) => void (value === '7' && stop()))
      return [shared.pipe(to(left)), shared.pipe(stopping, to(right))]
    })
    const first = start(job, { storage })
    stop = () => first.handle.stop()
    await untilEnd(first)
    stop = () => undefined
    await untilEnd(start(job, { storage }))
    expect(left.committed).toEqual(values)
    expect(right.committed).toEqual(values)
  })

  it('during the wait before a restart starts once more, for a final checkpoint', async () => {
    const [from, into] = [memorySource<string>(), memorySink<string>()]
    let broken = true
    const job = defineJob('broken', (builder) =>
      builder.from(from).pipe(
        tap(() => {
          if (broken) throw new RetriableError('BROKEN', 'for now')
        }),
        to(into),
      ),
    )
    const running = start(job, { restart: fixedDelay({ attempts: 1, delay: 60_000 }) })
    from.push('a')
    await running.clock.advanceAsync(10)
    broken = false
    expect(await running.handle.stop()).toEqual({ outcome: 'stopped', checkpoint: 1 })
    // The final barrier may come before the source was asked for a record.
    from.end()
    await untilEnd(start(job, { storage: running.storage }))
    expect(into.committed).toEqual(['a'])
  })
})

describe('cancel', () => {
  it('ends at once, and what came after the last checkpoint is read again by the next run', async () => {
    const [from, into, storage] = [memorySource<string>(), memorySink<string>(), memoryStorage()]
    const first = start(upper(from, into), { storage })
    from.push('a')
    await first.clock.advanceAsync(1_000)
    from.push('b')
    await first.clock.advanceAsync(1)
    expect(await first.handle.cancel()).toEqual({ outcome: 'cancelled', checkpoint: 1 })
    expect(into.committed).toEqual(['A'])
    from.end()
    await untilEnd(start(upper(from, into), { storage }))
    expect(into.committed).toEqual(['A', 'B'])
  })

  it('before the job is under way opens nothing', async () => {
    const [from, into] = [memorySource(['a']), memorySink<string>()]
    const running = start(upper(from, into))
    expect(await running.handle.cancel()).toEqual({ outcome: 'cancelled', checkpoint: 0 })
    expect(running.story()).toEqual(['cancelled 0'])
  })

  it('ends the wait before a restart', async () => {
    const from = memorySource<string>()
    const job = defineJob('broken', (builder) =>
      builder.from(from).pipe(
        tap(() => {
          throw new RetriableError('BROKEN', 'always')
        }),
        to(memorySink()),
      ),
    )
    const running = start(job, { restart: fixedDelay({ attempts: 9, delay: 60_000 }) })
    from.push('a')
    await running.clock.advanceAsync(1)
    expect(await running.handle.cancel()).toEqual({ outcome: 'cancelled', checkpoint: 0 })
    expect(running.clock.timers).toBe(0)
  })

  it('does not wait forever for a part whose close does not return, and names it', async () => {
    const closed: string[] = []
    const [source, sink] = [
      memorySource<string>({ partitions: [[]], unbounded: true }),
      memorySink<string>({ id: 'out' }),
    ]
    const reading: Source<string> = {
      ...source,
      open: async (attempt) => ({ ...(await source.open(attempt)), close: async () => void closed.push('source') }),
    }
    const hanging: TransactionalSink<string> = {
      ...sink,
      open: async (attempt) => ({ ...(await sink.open(attempt)), close: () => new Promise(() => undefined) }),
    }
    const running = start(defineJob('j', ({ from }) => from(reading).pipe(to(hanging))))
    await running.clock.advanceAsync(1)
    const cancelled = running.handle.cancel()
    await running.clock.advanceAsync(29_999)
    expect(running.story()).not.toContain('cancelled 0')
    await running.clock.advanceAsync(1)
    expect(await cancelled).toEqual({ outcome: 'cancelled', checkpoint: 0 })
    expect(closed).toEqual(['source'])
    expect(running.events).toContainEqual({ type: 'close-slow', part: 'out', duration: 30_000 })
    expect(running.clock.timers).toBe(0)
  })

  it('after the end changes nothing', async () => {
    const running = start(upper(memorySource(['a']), memorySink()))
    await untilEnd(running)
    expect(await running.handle.cancel()).toEqual({ outcome: 'finished', checkpoint: 1 })
  })

  it('is what an AbortSignal does', async () => {
    const controller = new AbortController()
    const running = start(upper(memorySource<string>(), memorySink()), { signal: controller.signal })
    await running.clock.advanceAsync(1)
    controller.abort()
    expect(await running.handle.done).toEqual({ outcome: 'cancelled', checkpoint: 0 })
  })

  it('is what a signal does that is aborted already', async () => {
    const running = start(upper(memorySource(['a']), memorySink()), { signal: AbortSignal.abort() })
    expect(await running.handle.done).toEqual({ outcome: 'cancelled', checkpoint: 0 })
    expect(running.story()).toEqual(['cancelled 0'])
  })
})

describe('a failing job', () => {
  it('ends as Fatal, naming the record, when an operator throws', async () => {
    const into = memorySink<string>()
    const job = defineJob('throwing', ({ from }) =>
      from(memorySource({ partitions: [['a'], ['b', 'bad']], topic: 'lines' })).pipe(
        map((line) => {
          if (line === 'bad') throw new TypeError('no such line')
          return line
        }),
        to(into),
      ),
    )
    const running = start(job, { restart: fixedDelay({ attempts: 9, delay: 1 }) })
    expect(await failure(running)).toMatchObject({
      code: 'OPERATOR_FAILED',
      consequence: 'fatal',
      where: { topic: 'lines', partition: 1, offset: 1 },
    })
    expect(running.story()).toEqual(['started', 'restored 0', 'failed OPERATOR_FAILED'])
    expect(into.committed).toEqual([])
  })

  it('ends as Fatal when a function of a source throws', async () => {
    const timestamp = () => {
      throw new TypeError('no time')
    }
    const running = start(upper(memorySource({ partitions: [['a']], timestamp }), memorySink()), {
      restart: fixedDelay({ attempts: 9, delay: 1 }),
    })
    expect(await failure(running)).toMatchObject({ code: 'UNEXPECTED', consequence: 'fatal' })
  })

  it('restarts after a Retriable failure, as its strategy says', async () => {
    const [from, into] = [memorySource(['a', 'b']), memorySink<string>()]
    let failures = 2
    const job = defineJob('flaky', (builder) =>
      builder.from(from).pipe(
        tap((value) => {
          if (value === 'b' && failures-- > 0) throw new RetriableError('FLAKY', 'not now')
        }),
        to(into),
      ),
    )
    const running = start(job, { restart: fixedDelay({ attempts: 2, delay: 70 }) })
    expect(await untilEnd(running)).toEqual({ outcome: 'finished', checkpoint: 1 })
    expect(running.story().filter((one) => one.startsWith('restarting'))).toEqual([
      'restarting FLAKY 70',
      'restarting FLAKY 70',
    ])
    expect(into.committed).toEqual(['a', 'b'])
  })

  it('waits as long as the strategy says', async () => {
    const job = defineJob('broken', ({ from }) =>
      from(memorySource(['a'])).pipe(
        tap(() => {
          throw new RetriableError('BROKEN', 'always')
        }),
        to(memorySink()),
      ),
    )
    const running = start(job, { restart: failureRate({ failures: 2, interval: 1_000, delay: 100 }) })
    const starts = () => running.story().filter((one) => one === 'started').length
    await running.clock.advanceAsync(99)
    expect(starts()).toBe(1)
    await running.clock.advanceAsync(1)
    expect(starts()).toBe(2)
    expect(await failure(running)).toMatchObject({ code: 'BROKEN' })
    expect(starts()).toBe(3)
  })

  it('restarts many times without leaving anything behind', async () => {
    const warnings: string[] = []
    const warned = (warning: Error) => void warnings.push(warning.message)
    process.on('warning', warned)
    let failures = 30
    const job = defineJob('flaky', ({ from }) =>
      from(memorySource(['a'])).pipe(
        tap(() => {
          if (failures-- > 0) throw new RetriableError('FLAKY', 'not now')
        }),
        to(memorySink()),
      ),
    )
    const controller = new AbortController()
    const running = start(job, { restart: fixedDelay({ attempts: 99, delay: 10 }), signal: controller.signal })
    await untilEnd(running)
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', warned)
    expect(warnings).toEqual([])
    expect(running.clock.timers).toBe(0)
  })

  it('emits its last event and completes', async () => {
    let completed = false
    const running = start(
      defineJob('throwing', () => {
        throw new TypeError('cannot be built')
      }),
    )
    running.handle.events$.subscribe({ complete: () => (completed = true) })
    expect(await failure(running)).toMatchObject({ code: 'UNEXPECTED', consequence: 'fatal' })
    expect(running.story()).toEqual(['failed UNEXPECTED'])
    expect(completed).toBe(true)
  })
})

describe('a job that cannot be built', () => {
  const source = () => memorySource(['a'])

  it('needs a sink', async () => {
    const job = defineJob('j', ({ from }) => {
      from(source())
      return []
    })
    expect(await failure(start(job))).toMatchObject({ code: 'EMPTY_JOB' })
  })

  it('needs a source', async () => {
    const job = defineJob('j', () => merge().pipe(to(memorySink())))
    expect(await failure(start(job))).toMatchObject({ code: 'EMPTY_JOB', consequence: 'fatal' })
  })

  it('needs a pipeline', async () => {
    const job = defineJob('j', () => undefined as never)
    expect(await failure(start(job))).toMatchObject({ code: 'EMPTY_JOB', consequence: 'fatal' })
  })

  it('ends every branch in a sink', async () => {
    const job = defineJob('j', ({ from }) => from(source()) as never)
    expect(await failure(start(job))).toMatchObject({ code: 'NOT_AN_OUTPUT', consequence: 'fatal' })
  })

  it('uses everything that it reads from', async () => {
    const job = defineJob('j', ({ from }) => {
      from(memorySource({ partitions: [['lost']], topic: 'unused' }))
      return from(source()).pipe(to(memorySink()))
    })
    expect(await failure(start(job))).toMatchObject({
      code: 'UNUSED_SOURCE',
      consequence: 'fatal',
      where: { operator: 'memorySource:unused' },
    })
  })

  it('has each id once', async () => {
    const twice = defineJob('j', ({ from }) => [
      from(source()).pipe(to(memorySink())),
      from(source()).pipe(to(memorySink({ id: 'other' }))),
    ])
    expect(await failure(start(twice))).toMatchObject({ code: 'DUPLICATE_ID', consequence: 'fatal' })
    const sinks = defineJob('j', ({ from }) => {
      const shared = from(source())
      return [shared.pipe(to(memorySink())), shared.pipe(to(memorySink()))]
    })
    expect(await failure(start(sinks))).toMatchObject({ code: 'DUPLICATE_ID', consequence: 'fatal' })
  })

  it('has each source and sink once, and says how several branches share one', async () => {
    const [one, sink] = [source(), memorySink()]
    const readTwice = defineJob('j', ({ from }) => [
      from(one).pipe(to(sink)),
      from(one).pipe(to(memorySink({ id: 'other' }))),
    ])
    expect(await failure(start(readTwice))).toMatchObject({
      code: 'DUPLICATE_ID',
      message: expect.stringContaining('is used twice'),
      hint: expect.stringContaining('Call from(source) once'),
    })
    const writtenTwice = defineJob('j', ({ from }) => {
      const shared = from(one)
      return [shared.pipe(to(sink)), shared.pipe(to(sink))]
    })
    expect(await failure(start(writtenTwice))).toMatchObject({ hint: expect.stringContaining('merge(...)') })
  })

  it('may not be decided by two ledgers', async () => {
    const ledger = (place: string) => ({ place, open: async () => null as never })
    const job = defineJob('j', ({ from }) => {
      const shared = from(source())
      return ['a', 'b'].map((id) => shared.pipe(to({ ...memorySink<string>({ id }), ledger: ledger(id) })))
    })
    expect(await failure(start(job))).toMatchObject({ code: 'TWO_LEDGERS', consequence: 'fatal' })
  })

  it.each([
    ['storage', undefined],
    ['storage', './checkpoints'],
    ['restart', { attempts: 3 }],
    ['state', './state'],
    ['abandonLineage', true],
    ['abandonLineage', ''],
    ['abandonLineage', [undefined]],
  ])('is refused at once where %s is %j', (name, value) => {
    const options = { storage: memoryStorage(), [name]: value } as never
    expect(thrownBy(() => execute(upper(source(), memorySink()), options))).toMatchObject({
      code: 'BAD_OPTION',
      what: expect.stringContaining(name),
    })
  })

  it('is refused with all that is wrong at once', () => {
    const options = { storge: memoryStorage(), shards: 0, restart: null, state: './state' } as never
    expect(thrownBy(() => execute(upper(source(), memorySink()), options))).toMatchObject({
      code: 'BAD_OPTION',
      what: [
        'execute: there is no option "storge", did you mean "storage"',
        'storage is missing, must be a checkpoint storage, such as fileStorage(folder)',
        'state is of type string, must be a state backend, such as memoryState()',
        'restart is null, must be a restart strategy, such as exponentialDelay()',
        'shards is 0, must be a whole number from 1 to 256',
      ].join('; '),
    })
  })

  it('is refused at once with wrong settings', () => {
    const job = upper(source(), memorySink())
    const options = { storage: memoryStorage(), checkpointing: { interval: 0 }, clock: virtualClock() }
    expect(thrownBy(() => execute(job, options))).toMatchObject({ code: 'BAD_OPTION' })
  })

  it('does not end before its source does', async () => {
    const { take } = await import('rxjs')
    const [from, into] = [memorySource(['a', 'b', 'c']), memorySink<string>()]
    const job = defineJob('j', (builder) => builder.from(from).pipe(asOperator(take(2)), to(into)))
    expect(await failure(start(job))).toMatchObject({ code: 'PIPELINE_ENDED', consequence: 'fatal' })
    expect(into.committed).toEqual([])
  })

  it('reads on from every source of its last checkpoint', async () => {
    const storage = memoryStorage()
    await untilEnd(start(upper(memorySource(['a']), memorySink()), { storage }))
    const other = memorySource({ partitions: [['a']], topic: 'other' })
    expect(await failure(start(upper(other, memorySink()), { storage }))).toMatchObject({
      code: 'SOURCE_MISSING',
      consequence: 'fatal',
    })
  })

  it('rolls the output of every sink of its last checkpoint forward', async () => {
    const storage = memoryStorage()
    await untilEnd(start(upper(memorySource(['a']), memorySink({ id: 'first' })), { storage }))
    expect(await failure(start(upper(memorySource(['a']), memorySink({ id: 'other' })), { storage }))).toMatchObject({
      code: 'SINK_MISSING',
      consequence: 'fatal',
    })
  })
})
