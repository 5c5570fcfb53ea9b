import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import type { OnError } from '../../../src/attempt.ts'
import { type Deferred, deferred } from '../../../src/deferred.ts'
import { RxweftError } from '../../../src/errors.ts'
import { type DeadLetter, deadLetter } from '../../../src/job/badRecords/deadLetter.ts'
import { defineJob, type JobOptions } from '../../../src/job/defineJob.ts'
import { fixedDelay } from '../../../src/job/restart.ts'
import { type MemorySource, memorySource } from '../../../src/memory/memorySource.ts'
import { asyncMap } from '../../../src/operators/asyncMap.ts'
import { map } from '../../../src/operators/map.ts'
import { merge } from '../../../src/operators/merge.ts'
import { to } from '../../../src/operators/to.ts'
import type { CheckpointId } from '../../../src/record.ts'
import { type MemorySink, memorySink } from '../../../src/sinks/memorySink.ts'
import type { TransactionalSink } from '../../../src/sinks/sink.ts'
import { thrownBy } from '../../../tools/support/thrown.ts'
import { badSource } from '../badSource.ts'
import { failure, type Running, start, untilEnd } from '../running.ts'

const upper = (value: string): string => {
  if (value.startsWith('bad')) throw new RangeError('no such value')
  return value.toUpperCase()
}

const letterSink = () => memorySink<DeadLetter>({ id: 'dead' })

function job(from: MemorySource<string>, into: TransactionalSink<string>, options: JobOptions, own?: OnError) {
  return defineJob('bad', (builder) => builder.from(from).pipe(map(upper, { onError: own }), to(into)), options)
}

const told = (running: Running, type: string) => running.events.filter((event) => event.type === type)

/** A sink that refuses some values. */
function choosy<T>(into: MemorySink<T>, refuses: (value: T) => boolean): TransactionalSink<T> {
  return {
    ...into,
    async open(attempt) {
      const writer = await into.open(attempt)
      return {
        ...writer,
        write(record) {
          if (refuses(record.value)) throw new RangeError('too large')
          writer.write(record)
        },
      }
    },
  }
}

describe('a job whose policy is to fail', () => {
  it('ends with an error that names operator, topic, partition and offset, and commits nothing of the checkpoint', async () => {
    const into = memorySink<string>()
    const running = start(job(memorySource(['a', 'bad']), into, {}))
    expect(await failure(running)).toMatchObject({
      code: 'OPERATOR_FAILED',
      where: { operator: 'map', topic: 'memory', partition: 0, offset: 1 },
    })
    expect(into.committed).toEqual([])
  })

  it('lets an operator skip all the same', async () => {
    const into = memorySink<string>()
    await untilEnd(start(job(memorySource(['a', 'bad', 'b']), into, {}, 'skip')))
    expect(into.committed).toEqual(['A', 'B'])
  })
})

describe('a job that skips bad records', () => {
  it('goes on without them, and lets no source read them again', async () => {
    const [from, into] = [memorySource<string>(), memorySink<string>()]
    const running = start(job(from, into, { onError: 'skip' }))
    from.push('a', 'bad', 'b')
    await running.clock.advanceAsync(1_000)
    from.push('c')
    from.end()
    await untilEnd(running)
    expect(into.committed).toEqual(['A', 'B', 'C'])
  })

  it('tells their number with each checkpoint that has any, and of the first of each operator why', async () => {
    const [from, into] = [memorySource<string>(), memorySink<string>()]
    const running = start(
      job(
        from,
        choosy(into, (value) => value === 'XXL'),
        { onError: 'skip' },
      ),
    )
    from.push('a', 'bad', 'bad again', 'xxl')
    await running.clock.advanceAsync(1_000)
    from.push('c')
    await running.clock.advanceAsync(1_000)
    from.push('bad still')
    from.end()
    await untilEnd(running)
    expect(told(running, 'bad-records')).toEqual([
      { type: 'bad-records', checkpoint: 1, skipped: 3, deadLetters: 0 },
      { type: 'bad-records', checkpoint: 3, skipped: 1, deadLetters: 0 },
    ])
    expect(told(running, 'record-skipped')).toMatchObject([
      { operator: 'map', error: { code: 'OPERATOR_FAILED', where: { offset: 1 } } },
      { operator: 'memorySink', error: { code: 'OPERATOR_FAILED', where: { offset: 3 } } },
    ])
    expect(running.story().indexOf('bad-records')).toBeGreaterThan(running.story().indexOf('checkpoint-committed 1'))
  })

  it('lets an operator fail all the same', async () => {
    const running = start(job(memorySource(['bad']), memorySink(), { onError: 'skip' }, 'fail'))
    expect(await failure(running)).toMatchObject({ code: 'OPERATOR_FAILED' })
  })

  it('skips what its source cannot decode, unless the source is to fail', async () => {
    const isBad = (value: string) => value === 'bad'
    const read = (own?: OnError) => {
      const into = memorySink<string>()
      const from = badSource(memorySource(['a', 'bad', 'b']), isBad, own)
      return {
        into,
        running: start(defineJob('read', (builder) => builder.from(from).pipe(to(into)), { onError: 'skip' })),
      }
    }
    const skipping = read()
    await untilEnd(skipping.running)
    expect(skipping.into.committed).toEqual(['a', 'b'])
    expect(told(skipping.running, 'record-skipped')).toMatchObject([{ operator: 'memorySource:memory' }])
    expect(await failure(read('fail').running)).toMatchObject({ code: 'DECODE_FAILED', where: { offset: 1 } })
  })
})

describe('a job with dead letters', () => {
  it('keeps each bad record with its place, who could not process it, and why', async () => {
    const [into, dead] = [memorySink<string>(), letterSink()]
    const from = memorySource({
      partitions: [
        ['a', 'bad'],
        ['undecodable', 'xxl'],
      ],
      key: (value) => `key of ${value}`,
      timestamp: () => 7,
    })
    const read = badSource(from, (value) => value === 'undecodable')
    const pipeline = defineJob(
      'letters',
      (builder) => builder.from(read).pipe(map(upper), to(choosy(into, (value) => value === 'XXL'))),
      { onError: deadLetter(dead) },
    )
    const running = start(pipeline)
    await untilEnd(running)
    expect(into.committed).toEqual(['A'])
    const common = { timestamp: 7, headers: [], topic: 'memory', job: 'letters' }
    expect(dead.committed).toEqual([
      {
        ...{ ...common, partition: 0, offset: 1, value: 'bad', key: 'key of bad' },
        ...{ operator: 'map', code: 'OPERATOR_FAILED', message: expect.stringContaining('RangeError: no such value') },
      },
      {
        ...{ ...common, partition: 1, offset: 0, value: Buffer.from('undecodable'), key: 'key of undecodable' },
        ...{ operator: 'memorySource:memory', code: 'DECODE_FAILED', message: expect.any(String) },
      },
      {
        ...{ ...common, partition: 1, offset: 1, value: 'XXL', key: 'key of xxl' },
        ...{ operator: 'memorySink', code: 'OPERATOR_FAILED', message: expect.stringContaining('too large') },
      },
    ])
    expect(dead.records[0]).toMatchObject({ key: 'key of bad', timestamp: 7, split: { partition: 0 }, offset: 1 })
    expect(told(running, 'bad-records')).toMatchObject([{ checkpoint: 1, skipped: 0, deadLetters: 3 }])
  })

  it('writes no key that a sink could write in many ways', async () => {
    const dead = letterSink()
    const from = memorySource({ partitions: [['bad']], key: () => ({ id: 1 }) })
    await untilEnd(start(job(from, memorySink(), { onError: deadLetter(dead) })))
    expect(dead.records).toMatchObject([{ key: null, value: { key: { id: 1 } } }])
  })

  it('shows them when their checkpoint is committed, and not before', async () => {
    const [from, into, dead] = [memorySource<string>(), memorySink<string>(), letterSink()]
    const running = start(job(from, into, { onError: deadLetter(dead) }))
    from.push('a', 'bad')
    await running.clock.advanceAsync(999)
    expect(dead.committed).toEqual([])
    await running.clock.advanceAsync(1)
    expect(dead.committed).toHaveLength(1)
    from.push('bad')
    await running.clock.advanceAsync(999)
    expect(dead.committed).toHaveLength(1)
    await running.clock.advanceAsync(1)
    expect(dead.committed).toHaveLength(2)
  })

  it('lets an operator skip or fail all the same', async () => {
    const [into, dead] = [memorySink<string>(), letterSink()]
    const options = { onError: deadLetter(dead) }
    await untilEnd(start(job(memorySource(['bad', 'a']), into, options, 'skip')))
    expect([into.committed, dead.committed]).toEqual([['A'], []])
    expect(await failure(start(job(memorySource(['bad']), into, options, 'fail')))).toMatchObject({
      code: 'OPERATOR_FAILED',
    })
  })

  it('ends, once, if the sink for dead letters refuses one', async () => {
    const dead = letterSink()
    const into = memorySink<string>()
    const running = start(
      job(memorySource(['a', 'bad', 'b']), into, { onError: deadLetter(choosy(dead, () => true)) }),
      {
        restart: fixedDelay({ attempts: 5, delay: 1 }),
      },
    )
    expect(await failure(running)).toMatchObject({
      code: 'OPERATOR_FAILED',
      consequence: 'fatal',
      where: { operator: 'dead', topic: 'memory', partition: 0, offset: 1 },
    })
    expect(told(running, 'started')).toHaveLength(1)
    expect([into.committed, dead.committed]).toEqual([[], []])
  })

  it('retries if the sink for dead letters cannot prepare, and loses none', async () => {
    const [dead, into] = [letterSink(), memorySink<string>()]
    let broken = 2
    const unsure: TransactionalSink<DeadLetter> = {
      ...dead,
      async open(attempt) {
        const writer = await dead.open(attempt)
        const prepare = (checkpoint: CheckpointId) =>
          broken-- > 0 ? Promise.reject(new Error('disk')) : writer.prepare(checkpoint)
        return { ...writer, prepare }
      },
    }
    const running = start(job(memorySource(['a', 'bad', 'b']), into, { onError: deadLetter(unsure) }), {
      restart: fixedDelay({ attempts: 5, delay: 1 }),
    })
    await untilEnd(running)
    expect(running.story().filter((line) => line.startsWith('restarting'))).toEqual([
      'restarting PREPARE_FAILED 1',
      'restarting PREPARE_FAILED 1',
    ])
    expect([into.committed, dead.committed.map(({ value }) => value)]).toEqual([['A', 'B'], ['bad']])
  })
})

describe('dead letters of branches that barriers reach at different times', () => {
  /** One branch is quick; in the other a value waits until it is let go. */
  function branches(asyncPolicy: OnError = 'dead-letter') {
    const [from, quick, slow, dead] = [
      memorySource<string>(),
      memorySink<string>({ id: 'quick' }),
      memorySink<string>({ id: 'slow' }),
      letterSink(),
    ]
    const gates = new Map<string, Deferred<void>>()
    const gate = (value: string): Deferred<void> => {
      const found = gates.get(value) ?? deferred()
      gates.set(value, found)
      return found
    }
    const slowly = asyncMap<string, string>(
      async (value) => {
        if (value.includes('late')) await gate(value).promise
        if (value.includes('worse')) throw new Error('worse')
        return value
      },
      { onError: asyncPolicy },
    )
    const two = defineJob(
      'two',
      (builder) => {
        const all = builder.from(from)
        return [all.pipe(map(upper), to(quick)), all.pipe(slowly, to(slow))]
      },
      { onError: deadLetter(dead) },
    )
    const running = start(two, { checkpointing: { maxConcurrent: 2, interval: 1_000, timeout: 100_000 } })
    return { from, quick, slow, dead, gate, running }
  }

  it('go into the checkpoint of their record, also if a later barrier has passed elsewhere', async () => {
    const { from, dead, gate, running } = branches()
    from.push('a late worse')
    await running.clock.advanceAsync(1_000)
    // The quick branch is at checkpoint 2 now, and 1 is not complete.
    from.push('bad 2')
    await running.clock.advanceAsync(1_000)
    from.push('bad 3')
    await running.clock.advanceAsync(10)
    expect(running.story()).toContain('checkpoint-triggered 2')
    expect(dead.committed).toEqual([])
    gate('a late worse').resolve()
    await running.clock.advanceAsync(10)
    expect(running.story()).toContain('checkpoint-committed 2')
    expect(dead.committed.map(({ value }) => value)).toEqual(['a late worse', 'bad 2'])
    await running.clock.advanceAsync(2_000)
    expect(dead.committed.map(({ value }) => value)).toEqual(['a late worse', 'bad 2', 'bad 3'])
    expect(told(running, 'bad-records')).toMatchObject([
      { checkpoint: 1, deadLetters: 1 },
      { checkpoint: 2, deadLetters: 1 },
      { checkpoint: 3, deadLetters: 1 },
    ])
  })

  it('vanish with an attempt that ends while some wait for an earlier checkpoint, since their records are read again', async () => {
    const { from, quick, slow, dead, gate, running } = branches('fail')
    from.push('a late worse')
    await running.clock.advanceAsync(1_000)
    from.push('bad 2')
    await running.clock.advanceAsync(10)
    gate('a late worse').resolve()
    expect(await failure(running)).toMatchObject({ code: 'ASYNC_MAP_FAILED' })
    expect([quick.committed, slow.committed, dead.committed]).toEqual([[], [], []])
  })

  it('go into the right checkpoint behind merge, which holds one input back', async () => {
    const [left, right] = [
      memorySource<string>({ partitions: [[]], unbounded: true, id: 'left' }),
      memorySource<string>({ partitions: [[]], unbounded: true, id: 'right' }),
    ]
    const [into, dead] = [memorySink<string>(), letterSink()]
    const gate = deferred()
    const merged = defineJob(
      'merged',
      ({ from }) => {
        const slowly = asyncMap(async (value: string) => {
          await gate.promise
          return value
        })
        return merge(from(left), from(right).pipe(slowly)).pipe(map(upper), to(into))
      },
      { onError: deadLetter(dead) },
    )
    const running = start(merged, { checkpointing: { timeout: 100_000 } })
    right.push('bad right 1')
    await running.clock.advanceAsync(1_000)
    left.push('bad left 2')
    gate.resolve()
    await running.clock.advanceAsync(10)
    expect(dead.committed.map(({ value }) => value)).toEqual(['bad right 1'])
    await running.clock.advanceAsync(1_000)
    expect(dead.committed.map(({ value }) => value)).toEqual(['bad right 1', 'bad left 2'])
  })

  it('hold a credit each while they wait, so that a source that has only bad ones stops', async () => {
    const [from, quick, slow, dead] = [
      memorySource<string>({ partitions: [[]], unbounded: true, maxInFlight: 10 }),
      memorySink<string>({ id: 'quick' }),
      memorySink<string>({ id: 'slow' }),
      letterSink(),
    ]
    const gate = deferred()
    let seen = 0
    const count = map((value: string) => {
      seen += 1
      return upper(value)
    })
    const two = defineJob(
      'two',
      (builder) => {
        const all = builder.from(from)
        const slowly = asyncMap(async (value: string) => {
          if (value === 'late') await gate.promise
          return value
        })
        return [all.pipe(count, to(quick)), all.pipe(slowly, to(slow))]
      },
      { onError: deadLetter(dead) },
    )
    const running = start(two, { checkpointing: { timeout: 100_000 } })
    from.push('late')
    await running.clock.advanceAsync(1_000)
    for (let batch = 0; batch < 4; batch++) {
      from.push(...Array.from({ length: 500 }, () => 'bad'))
      await running.clock.advanceAsync(10)
    }
    expect(seen).toBeLessThanOrEqual(501)
    gate.resolve()
    from.end()
    await untilEnd(running)
    expect(dead.committed).toHaveLength(2_000)
  })
})

describe('a job that cannot keep what it shall', () => {
  it('ends at its start if an operator wants dead letters and the job has no sink for them', async () => {
    const running = start(job(memorySource(['a']), memorySink(), { onError: 'skip' }, 'dead-letter'))
    expect(await failure(running)).toMatchObject({
      code: 'NO_DEAD_LETTER_SINK',
      consequence: 'fatal',
      where: { operator: 'map' },
    })
  })

  it('ends before anything is written if a source does', async () => {
    const from = badSource(memorySource(['a']), () => false, 'dead-letter')
    const running = start(defineJob('read', (builder) => builder.from(from).pipe(to(memorySink()))))
    expect(await failure(running)).toMatchObject({
      code: 'NO_DEAD_LETTER_SINK',
      where: { operator: 'memorySource:memory' },
    })
    expect(await running.storage.list('')).toEqual([])
  })

  it('is refused: a policy that does not exist', async () => {
    const define = (onError: unknown) => () => job(memorySource(['a']), memorySink(), { onError: onError as 'skip' })
    expect(thrownBy(define('dead-letter'))).toMatchObject({
      code: 'BAD_OPTION',
      message: expect.stringContaining('deadLetter(sink)'),
    })
    expect(thrownBy(define({}))).toMatchObject({ code: 'BAD_OPTION' })
    const running = start(job(memorySource(['a']), memorySink(), {}, 'ignore' as OnError))
    expect(await failure(running)).toMatchObject({ code: 'BAD_OPTION', where: { operator: 'map' } })
  })

  it('is refused: a sink for dead letters with the id of another sink', async () => {
    const running = start(job(memorySource(['a']), memorySink(), { onError: deadLetter(memorySink()) }))
    expect(await failure(running)).toMatchObject({ code: 'DUPLICATE_ID' })
    expect(await failure(running)).toBeInstanceOf(RxweftError)
  })
})
