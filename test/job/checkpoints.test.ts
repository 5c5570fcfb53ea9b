import { describe, expect, it, vi } from 'vitest'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import type { CheckpointStorage } from '../../src/contracts/storage.ts'
import { type Deferred, deferred } from '../../src/deferred.ts'
import { defineJob } from '../../src/job/defineJob.ts'
import { fixedDelay } from '../../src/job/restart.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { FatalError, RetriableError } from '../../src/openErrors.ts'
import { keyBy } from '../../src/operators/keyBy.ts'
import { keyedProcess } from '../../src/operators/keyedProcess.ts'
import { merge } from '../../src/operators/merge.ts'
import { to } from '../../src/operators/to.ts'
import { type MemorySink, memorySink } from '../../src/sinks/memorySink.ts'
import type { TransactionalSink } from '../../src/sinks/sink.ts'
import { virtualClock } from '../../src/testing/virtualClock.ts'
import { failure, type Running, restless, start, untilEnd, upper, upperWithState } from './running.ts'

/** When each event of a type was told, in virtual ms. */
function timesOf(running: Running, type: string): number[] {
  const times: number[] = []
  running.handle.events$.subscribe((event) => {
    if (event.type === type) times.push(running.clock.now())
  })
  return times
}

/** A sink whose `prepare` waits until it is let go. */
function slowSink(into: MemorySink<string>): TransactionalSink<string> & { readonly held: Deferred<void>[] } {
  const held: Deferred<void>[] = []
  return {
    ...into,
    held,
    async open(attempt) {
      const writer = await into.open(attempt)
      return {
        ...writer,
        async prepare(checkpoint) {
          const [handle, gate] = [writer.prepare(checkpoint), deferred()]
          held.push(gate)
          await gate.promise
          return handle
        },
      }
    },
  }
}

/** A storage that treats snapshots, and not the ledger, in its own way. */
function storageWith(put: (key: string, store: () => Promise<void>) => Promise<void>): CheckpointStorage {
  const storage = memoryStorage()
  return {
    ...storage,
    put(key, bytes) {
      const store = () => storage.put(key, bytes)
      return key.includes('/chk-') ? put(key, store) : store()
    },
  }
}

describe('checkpoints', () => {
  it('start at every interval', async () => {
    const clock = virtualClock()
    const running = start(upper(restless(clock), memorySink()), { clock })
    const triggered = timesOf(running, 'checkpoint-triggered')
    await running.clock.advanceAsync(4_500)
    expect(triggered).toEqual([1_000, 2_000, 3_000, 4_000])
    expect(running.story().slice(0, 8)).toEqual([
      'started',
      'restored 0',
      'checkpoint-triggered 1',
      'checkpoint-stored 1',
      'checkpoint-committed 1',
      'checkpoint-triggered 2',
      'checkpoint-stored 2',
      'checkpoint-committed 2',
    ])
  })

  it('are skipped while nothing happens, except one each minute, and at the end', async () => {
    const [from, into] = [memorySource<string>(), memorySink<string>()]
    const running = start(upper(from, into))
    const triggered = timesOf(running, 'checkpoint-triggered')
    await running.clock.advanceAsync(130_500)
    expect(triggered).toEqual([1_000, 61_000, 121_000])
    expect(running.story().filter((one) => one === 'idle')).toHaveLength(3)
    from.push('a')
    await running.clock.advanceAsync(1_000)
    expect([triggered.at(-1), into.committed]).toEqual([131_000, ['A']])
    const stopped = running.handle.stop()
    await running.clock.advanceAsync(10)
    expect(await stopped).toEqual({ outcome: 'stopped', checkpoint: 5 })
  })

  it('cost no timer while they are skipped', async () => {
    const clock = virtualClock()
    const running = start(upper(memorySource<string>(), memorySink()), { clock })
    await clock.advanceAsync(5_000)
    const set = vi.spyOn(clock, 'setTimeout')
    await clock.advanceAsync(50_000)
    expect(running.story().at(-1)).toBe('idle')
    expect(set).not.toHaveBeenCalled()
  })

  it('are made for what an operator writes by itself', async () => {
    const into = memorySink<string>()
    const clock = virtualClock()
    const source = memorySource<string>()
    source.push('a')
    const timed = defineJob('timed', ({ from }) =>
      from(source).pipe(
        keyBy((value) => value),
        keyedProcess(
          {
            onElement(_: string, { timers }): readonly string[] {
              timers.processing.set(clock.now() + 30_000)
              return []
            },
            onProcessingTimer: (): readonly string[] => ['late'],
          },
          { id: 'timer' },
        ),
        to(into),
      ),
    )
    const running = start(timed, { clock })
    await running.clock.advanceAsync(29_500)
    expect(into.committed).toEqual([])
    await running.clock.advanceAsync(1_500)
    expect(into.committed).toEqual(['late'])
  })

  it('make visible what was read before them, and nothing else', async () => {
    const [from, into] = [memorySource<string>(), memorySink<string>()]
    const running = start(upper(from, into))
    from.push('a', 'b')
    await running.clock.advanceAsync(999)
    expect(into.committed).toEqual([])
    await running.clock.advanceAsync(1)
    expect(into.committed).toEqual(['A', 'B'])
    from.push('c')
    await running.clock.advanceAsync(999)
    expect(into.committed).toEqual(['A', 'B'])
  })

  it('leave the pause between the end of one and the start of the next', async () => {
    const into = slowSink(memorySink<string>())
    const checkpointing = { interval: 1_000, minPause: 700 }
    const clock = virtualClock()
    const running = start(upper(restless(clock), into), { checkpointing, clock })
    const triggered = timesOf(running, 'checkpoint-triggered')
    await running.clock.advanceAsync(1_500)
    into.held[0]?.resolve()
    await running.clock.advanceAsync(1_500)
    expect(triggered).toEqual([1_000, 2_200])
  })

  it('come one after the other, unless two are allowed', async () => {
    const into = slowSink(memorySink<string>())
    const clock = virtualClock()
    const running = start(upper(restless(clock), into), { clock })
    await running.clock.advanceAsync(3_500)
    expect(into.held).toHaveLength(1)
    into.held[0]?.resolve()
    await running.clock.advanceAsync(0)
    expect(into.held).toHaveLength(2)
  })

  it('may overlap, and are committed in order however long each takes', async () => {
    const [inner, from] = [memorySink<string>(), memorySource<string>()]
    const into = slowSink(inner)
    const running = start(upper(from, into), { checkpointing: { maxConcurrent: 2 } })
    from.push('a')
    await running.clock.advanceAsync(1_500)
    from.push('b')
    await running.clock.advanceAsync(3_000)
    expect(into.held).toHaveLength(2)
    into.held[1]?.resolve()
    await running.clock.advanceAsync(0)
    expect(inner.committed).toEqual([])
    into.held[0]?.resolve()
    await running.clock.advanceAsync(0)
    expect(inner.committed).toEqual(['A', 'B'])
    expect(running.story().filter((one) => one.startsWith('checkpoint-committed'))).toEqual([
      'checkpoint-committed 1',
      'checkpoint-committed 2',
    ])
  })

  it('say how long they took and how large they are', async () => {
    const into = slowSink(memorySink<string>())
    const running = start(upperWithState(memorySource<string>(), into))
    await running.clock.advanceAsync(1_000)
    await running.clock.advanceAsync(250)
    into.held[0]?.resolve()
    await running.clock.advanceAsync(0)
    expect(running.events.find(({ type }) => type === 'checkpoint-committed')).toMatchObject({ duration: 250 })
    const stored = running.events.find((event) => event.type === 'checkpoint-stored')
    const keys = await running.storage.list('upper/0/chk-')
    expect(stored).toMatchObject({ bytes: (await running.storage.get(keys[0] as string))?.length })
  })

  it('leave one snapshot and two ledger entries in the storage', async () => {
    const running = start(upperWithState(memorySource<string>(), memorySink()))
    await running.clock.advanceAsync(5_000)
    expect(await running.storage.list('upper/0/chk-')).toHaveLength(1)
    expect(await running.storage.list('upper/0/ledger/')).toHaveLength(2)
  })

  it('with mode at-least-once do not wait where streams merge', async () => {
    const [left, right] = ['left', 'right'].map((topic) =>
      memorySource<string>({ partitions: [[]], unbounded: true, topic }),
    ) as [ReturnType<typeof memorySource<string>>, ReturnType<typeof memorySource<string>>]
    const into = memorySink<string>()
    const job = defineJob('merging', ({ from }) => merge(from(left), from(right)).pipe(to(into)))
    const running = start(job, { checkpointing: { mode: 'at-least-once' } })
    left.push('a')
    right.push('b')
    await running.clock.advanceAsync(1_000)
    left.end()
    right.end()
    expect(await untilEnd(running)).toMatchObject({ outcome: 'finished' })
    expect([...into.committed].sort()).toEqual(['a', 'b'])
  })
})

describe('a checkpoint that takes too long', () => {
  it('fails the attempt, saying what it was waiting for, and the next one reads everything again', async () => {
    const [inner, from] = [memorySink<string>(), memorySource<string>()]
    const into = slowSink(inner)
    const checkpointing = { interval: 1_000, timeout: 3_000 }
    const running = start(upper(from, into), { checkpointing, restart: fixedDelay({ attempts: 1, delay: 10 }) })
    from.push('a')
    await running.clock.advanceAsync(4_000)
    expect(running.story().slice(2)).toEqual([
      'checkpoint-triggered 1',
      'checkpoint-slow',
      'checkpoint-failed 1 CHECKPOINT_TIMEOUT',
      'restarting CHECKPOINT_TIMEOUT 10',
    ])
    await running.clock.advanceAsync(1_010)
    into.held[1]?.resolve()
    await running.clock.advanceAsync(0)
    expect(inner.committed).toEqual(['A'])
  })

  it('ends the job with its error where no restart is left', async () => {
    const into = slowSink(memorySink<string>())
    const running = start(upper(memorySource<string>(), into), { checkpointing: { timeout: 3_000 } })
    expect(await failure(running)).toMatchObject({
      code: 'CHECKPOINT_TIMEOUT',
      consequence: 'retriable',
      where: { checkpoint: 1 },
      message: expect.stringContaining('waiting for a sink'),
    })
  })

  it('is not told to have been committed when that happens after all', async () => {
    const [gate, from, into] = [deferred(), memorySource<string>(), memorySink<string>()]
    let slow = true
    const storage = memoryStorage()
    const slowLedger: CheckpointStorage = {
      ...storage,
      async put(key, bytes) {
        await storage.put(key, bytes)
        if (slow && key.endsWith('/ledger/00000000000000000002')) await gate.promise
      },
    }
    const running = start(upper(from, into), {
      storage: slowLedger,
      checkpointing: { timeout: 2_000 },
      restart: fixedDelay({ attempts: 1, delay: 10 }),
    })
    from.push('a')
    await running.clock.advanceAsync(3_000)
    slow = false
    gate.resolve()
    await running.clock.advanceAsync(5)
    expect(running.story()).not.toContain('checkpoint-committed 1')
    await running.clock.advanceAsync(10)
    expect(running.story()).toContain('restored 1')
    expect(into.committed).toEqual(['A'])
  })
})

describe('a storage that cannot store', () => {
  it('fails the attempt with its reason, and nothing is lost', async () => {
    let full = true
    const storage = storageWith(async (_key, store) => {
      if (full) throw new RetriableError('STORAGE_FULL', 'no space left on the device')
      return store()
    })
    const [from, into] = [memorySource<string>(), memorySink<string>()]
    const running = start(upperWithState(from, into), { storage, restart: fixedDelay({ attempts: 1, delay: 10 }) })
    from.push('a')
    await running.clock.advanceAsync(1_000)
    expect(running.story().slice(2)).toEqual([
      'checkpoint-triggered 1',
      'checkpoint-failed 1 STORAGE_FULL',
      'restarting STORAGE_FULL 10',
    ])
    expect(into.committed).toEqual([])
    full = false
    await running.clock.advanceAsync(1_010)
    expect(into.committed).toEqual(['A'])
  })

  it('that throws something unnamed still fails with a code and the cause', async () => {
    const storage = storageWith(() => Promise.reject(new Error('EIO')))
    const running = start(upperWithState(memorySource<string>(), memorySink()), { storage })
    expect(await failure(running)).toMatchObject({
      code: 'PART_FAILED',
      consequence: 'retriable',
      message: expect.stringContaining('EIO'),
    })
  })

  it('for good ends the job at once', async () => {
    const storage = storageWith(() => Promise.reject(new FatalError('NO_STORAGE', 'never')))
    const running = start(upperWithState(memorySource<string>(), memorySink()), {
      storage,
      restart: fixedDelay({ attempts: 9, delay: 1 }),
    })
    expect(await failure(running)).toMatchObject({ code: 'NO_STORAGE' })
  })

  it('of old snapshots only tells so', async () => {
    const [inner, clock] = [memoryStorage(), virtualClock()]
    const storage: CheckpointStorage = {
      ...inner,
      remove: (key) => (key.includes('/chk-') ? Promise.reject(new Error('EPERM')) : inner.remove(key)),
    }
    const running = start(upperWithState(restless(clock), memorySink()), { storage, clock })
    await running.clock.advanceAsync(2_000)
    expect(running.story()).toContain('cleanup-failed')
    expect(running.story()).toContain('checkpoint-committed 2')
    expect(running.ended()).toBeUndefined()
  })
})

describe('a sink that cannot prepare', () => {
  it('fails the attempt, and what it had got is written by the next one', async () => {
    const inner = memorySink<string>()
    let broken = true
    const into: TransactionalSink<string> = {
      ...inner,
      async open(attempt) {
        const writer = await inner.open(attempt)
        const prepare = (checkpoint: number) =>
          broken ? Promise.reject(new Error('disk')) : writer.prepare(checkpoint)
        return { ...writer, prepare }
      },
    }
    const from = memorySource<string>()
    const running = start(upperWithState(from, into), { restart: fixedDelay({ attempts: 1, delay: 10 }) })
    from.push('a')
    await running.clock.advanceAsync(1_000)
    expect(running.story().at(-1)).toBe('restarting PREPARE_FAILED 10')
    broken = false
    await running.clock.advanceAsync(1_010)
    expect(inner.committed).toEqual(['A'])
  })
})
