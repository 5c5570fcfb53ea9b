import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TransactionalSink } from '../../src/extend.ts'
import { healthWatch } from '../../src/job/health.ts'
import { exponentialDelay, fixedDelay } from '../../src/job/restart.ts'
import { shardThreads } from '../../src/job/shards/main/shardThreads.ts'
import { newPulse, silenceOf, startPulse } from '../../src/job/shards/pulse.ts'
import { grace } from '../../src/job/shards/worker/thread.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { FatalError, RetriableError } from '../../src/openErrors.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import { virtualClock } from '../../src/testing/virtualClock.ts'
import { temporaryFolder } from '../checkpoint/temporaryFolder.ts'
import { planOf } from '../contracts/planStoreContract.ts'
import { restless, start, upper } from './running.ts'

const healthy = { ready: true, live: true, reasons: [] }

/** A sink that opens once `opens` is called, and prepares nothing while `held` is true. */
function slowSink() {
  const gate: { held: boolean; opens: () => void; fails: (error: Error) => void } = {
    held: false,
    opens: () => undefined,
    fails: () => undefined,
  }
  const opening = new Promise<void>((resolve, reject) => {
    gate.opens = resolve
    gate.fails = reject
  })
  const sink: TransactionalSink<string> = {
    ...memorySink<string>(),
    open: async () => {
      await opening
      const prepare = () => (gate.held ? new Promise<never>(() => undefined) : Promise.resolve(null))
      return { write: () => undefined, prepare, close: async () => undefined }
    },
  }
  return { gate, sink }
}

describe('the health of a job', () => {
  it('is not ready where attempt after attempt restores its state and commits nothing', async () => {
    const clock = virtualClock()
    const failing: TransactionalSink<string> = {
      ...memorySink<string>(),
      open: async () => ({
        write: () => undefined,
        prepare: async () => {
          throw new RetriableError('PREPARE_FAILED', 'no')
        },
        close: async () => undefined,
      }),
    }
    const { handle } = start(upper(restless(clock), failing), {
      clock,
      restart: fixedDelay({ attempts: 100, delay: 10 }),
    })
    let ready = 0
    for (let passed = 0; passed < 20_000; passed += 100) {
      await clock.advanceAsync(100)
      if (passed > 8_000 && handle.health().ready) ready += 1
    }
    expect(ready).toBe(0)
    expect(handle.health().live).toBe(true)
  })

  it('is ready between checkpoints that keep a long pause', async () => {
    const clock = virtualClock()
    const checkpointing = { interval: 100, minPause: 20_000 }
    const { handle, events } = start(upper(restless(clock), memorySink<string>()), { clock, checkpointing })
    const ready = new Set<boolean>()
    await clock.advanceAsync(30_000)
    for (let passed = 0; passed < 30_000; passed += 500) {
      await clock.advanceAsync(500)
      ready.add(handle.health().ready)
    }
    expect(events.filter(({ type }) => type === 'checkpoint-committed').length).toBeLessThan(5)
    expect([...ready]).toEqual([true])
  })

  it('is ready once the state is restored, without any input, and no longer after the end', async () => {
    const { gate, sink } = slowSink()
    const { handle, clock } = start(upper(memorySource<string>(), sink))
    expect(handle.health()).toMatchObject({
      ready: false,
      live: true,
      reasons: ['shard 0 has not restored its state yet'],
    })
    await clock.advanceAsync(10)
    expect(handle.health().reasons).toEqual(['shard 0 is restoring its state'])
    gate.opens()
    await clock.advanceAsync(10)
    expect(handle.health()).toEqual(healthy)
    await clock.advanceAsync(120_000)
    expect(handle.health()).toEqual(healthy)
    const stopped = handle.stop()
    await clock.advanceAsync(10)
    await stopped
    expect(handle.health()).toEqual({ ready: false, live: true, reasons: ['the job has ended: stopped'] })
  })

  it('is not ready while a checkpoint takes longer than three intervals and 5 s', async () => {
    const { gate, sink } = slowSink()
    gate.opens()
    const clock = virtualClock()
    const { handle } = start(upper(restless(clock), sink), { clock })
    await clock.advanceAsync(1_500)
    gate.held = true
    await clock.advanceAsync(5_000)
    expect(handle.health()).toEqual(healthy)
    await clock.advanceAsync(1_000)
    expect(handle.health()).toEqual({
      ready: false,
      live: true,
      reasons: ['checkpoint 2 of shard 0 has been in progress for 6 s'],
    })
  })

  it('names the error behind a restart, and is ready again after it', async () => {
    const { gate, sink } = slowSink()
    let failures = 1
    const failing: TransactionalSink<string> = {
      ...sink,
      open: async (attempt) => {
        if (failures-- > 0) throw new RetriableError('NOT_YET', 'the other side is down')
        return sink.open(attempt)
      },
    }
    gate.opens()
    const restart = exponentialDelay({ initial: 100, jitter: 0 })
    const { handle, clock } = start(upper(memorySource<string>(), failing), { restart })
    await clock.advanceAsync(50)
    expect(handle.health().reasons).toEqual(['shard 0 is waiting to restart after NOT_YET'])
    await clock.advanceAsync(100)
    expect(handle.health()).toEqual(healthy)
  })

  it('is not live once the job has failed', async () => {
    const { gate, sink } = slowSink()
    const { handle, clock } = start(upper(memorySource<string>(), sink))
    handle.done.catch(() => undefined)
    gate.fails(new FatalError('NEVER', 'it cannot be opened'))
    await clock.advanceAsync(10)
    expect(handle.health()).toEqual({ ready: false, live: false, reasons: ['the job has failed: NEVER'] })
  })

  it('is not live while the thread of a shard is silent', () => {
    const silences = new Map([
      [0, 900],
      [1, 31_000],
    ])
    const watch = healthWatch({ shards: 2, interval: 100, clock: virtualClock(), silences: () => silences })
    for (const shard of [0, 1]) watch.tell({ type: 'restored', checkpoint: 0, shard })
    const reasons = ['the thread of shard 1 has been silent for 31 s']
    expect(watch.health()).toEqual({ ready: false, live: false, reasons })
    silences.set(1, 20)
    expect(watch.health()).toEqual(healthy)
  })
})

describe('the sign of life of a thread', () => {
  it('is none before its first one, and then tells for how long it has been silent', () => {
    const pulse = newPulse()
    expect(silenceOf(pulse)).toBe(0)
    startPulse(pulse)
    const silence = silenceOf(pulse)
    expect(silence).toBeGreaterThan(0)
    expect(silence).toBeLessThan(60_000)
  })

  it('is read from the memory that a real thread writes, until that thread has ended', async () => {
    const program = join(await temporaryFolder(), 'program.mjs')
    await writeFile(
      program,
      `import { workerData } from 'node:worker_threads'
       const { port, pulse } = workerData['rxweft-shard']
       Atomics.store(pulse, 0, process.hrtime.bigint() - 40_000_000_000n)
       port.on('message', (word) => word === 'exit' && process.exit())`,
    )
    const clock = virtualClock()
    const identity = { job: 'stuck', execution: 'e', shards: 2, program }
    const threads = shardThreads({ ...identity, clock, restart: exponentialDelay() })
    const shard = threads.start(1, planOf(1, 'e'), () => undefined)
    while ((threads.silences().get(1) ?? 0) === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(threads.silences().get(1)).toBeGreaterThan(40_000)
    expect([...threads.silences().keys()]).toEqual([1])
    shard.cancel()
    await clock.advanceAsync(grace)
    await shard.done
    expect(threads.silences().get(1)).toBe(0)
  })
})
