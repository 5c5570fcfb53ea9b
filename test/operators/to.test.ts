import { take } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { barrier, idle, watermark, withState } from '../../src/element.ts'
import { FencedError } from '../../src/openErrors.ts'
import { asOutput, to } from '../../src/operators/to.ts'
import { type CheckpointId, type Json, streamRecord } from '../../src/record.ts'
import type { SinkWriter, TransactionalSink } from '../../src/sinks/sink.ts'
import type { Output } from '../../src/stream.ts'
import { cold, run, runInTime, testServices } from '../../src/testing/index.ts'

/** A sink that writes down its calls; `prepare` as given, by default resolved at once. */
function recordingSink(prepare: (checkpoint: CheckpointId) => Promise<Json> = async () => null) {
  const log: string[] = []
  const writer: SinkWriter<string> = {
    write: ({ value }) => void log.push(value),
    prepare(checkpoint) {
      log.push(`prepare ${checkpoint}`)
      return prepare(checkpoint)
    },
    close: async () => undefined,
  }
  const sink: TransactionalSink<string> = { id: 'sink', guarantee: 'exactly-once', open: async () => writer }
  const services = testServices({ writers: new Map([[sink, writer]]) })
  return { log, sink, writer, services }
}

describe('to', () => {
  it('writes each record, prepares synchronously at the barrier, and emits what was prepared', async () => {
    const { log, sink, services } = recordingSink(async (checkpoint) => ({ file: checkpoint }))
    const values = { W: watermark(1), I: idle }
    const { marbles, elements } = await runInTime(to(sink), 'R-a-b-1-W-I-c-2-|', { services, values })
    expect(marbles).toBe('------1-------2-|')
    expect(log).toEqual(['a', 'b', 'prepare 1', 'c', 'prepare 2'])
    expect(elements).toMatchObject([
      { kind: 'committable', checkpoint: 1, sink: 'sink', handle: { file: 1 } },
      { kind: 'committable', checkpoint: 2, sink: 'sink', handle: { file: 2 } },
    ])
  })

  it('prepares before the next record is written, in the same turn', () => {
    const { log, sink, services } = recordingSink()
    run(to(sink), '(Ra1b)', { services })
    expect(log).toEqual(['a', 'prepare 1', 'b'])
  })

  it('hands on the positions and states that the barrier has gathered', async () => {
    const { sink, services } = recordingSink()
    const positions = [{ source: 's', splits: [{ topic: 't', partition: 0, offset: 5 }] }]
    const values = { B: withState(barrier(4, positions), 'op', { n: 1 }) }
    const { elements } = await runInTime(to(sink), 'RB', { services, values })
    expect(elements).toEqual([
      {
        kind: 'committable',
        checkpoint: 4,
        sink: 'sink',
        handle: null,
        positions,
        states: [{ operator: 'op', state: { n: 1 } }],
      },
    ])
  })

  it('emits in the order of the checkpoints, whichever is prepared first, and completes after the last', async () => {
    const { sink, services } = recordingSink(async (checkpoint) => {
      await services.clock.sleep(checkpoint === 1 ? 6 : 1)
      return null
    })
    expect((await runInTime(to(sink), 'R-1-2-|', { services })).marbles).toBe('--------(12|)')
  })

  it('completes at once if nothing is pending', () => {
    const { sink, services } = recordingSink()
    expect(run(to(sink), 'R-a-|', { services }).marbles).toBe('----|')
    expect(run(to(sink), '|', { services }).marbles).toBe('|')
  })

  it('errors with what the input errors with', () => {
    const { sink, services } = recordingSink()
    expect(run(to(sink), 'R-a-#', { services, error: 'the error' })).toMatchObject({
      marbles: '----#',
      error: 'the error',
    })
  })

  it('errors if write throws, names sink and place, and writes nothing after', () => {
    const { log, sink, writer } = recordingSink()
    const refusing: SinkWriter<string> = {
      ...writer,
      write(record) {
        if (record.value === 'b') throw new RangeError('too large')
        writer.write(record)
      },
    }
    const result = run(to(sink), 'R-a-b-c-|', {
      services: testServices({ writers: new Map([[sink, refusing]]) }),
    })
    expect(result.marbles).toBe('----#')
    expect(result.error).toMatchObject({
      code: 'OPERATOR_FAILED',
      consequence: 'fatal',
      where: { operator: 'sink', topic: 'marbles', partition: 0, offset: 1 },
    })
    expect(log).toEqual(['a'])
  })

  it('errors if write is async: nobody would hear of what it rejects with', () => {
    const { sink, writer } = recordingSink()
    const late: SinkWriter<string> = { ...writer, write: () => Promise.reject(new Error('not today')) }
    const { marbles, error } = run(to(sink), 'R-a-1-|', {
      services: testServices({ writers: new Map([[sink, late]]) }),
    })
    expect(marbles).toBe('--#')
    expect(error).toMatchObject({ code: 'ASYNC_WRITE', consequence: 'fatal', where: { operator: 'sink' } })
  })

  it.each<[string, (error: unknown) => Promise<never>]>([
    ['rejects', (error) => Promise.reject(error)],
    [
      'throws',
      (error) => {
        throw error
      },
    ],
  ])('errors where prepare %s: with an error of rxweft as it is, with others as Retriable', async (_, fail) => {
    const fenced = new FencedError('GONE', 'a newer one runs')
    const failing = (error: unknown) => {
      const { sink, services } = recordingSink(() => fail(error))
      return runInTime(to(sink), 'R-1-2-|', { services })
    }
    expect(await failing(fenced)).toMatchObject({ marbles: '--#', error: fenced })
    expect(await failing(new Error('disk full'))).toMatchObject({
      error: { code: 'PREPARE_FAILED', consequence: 'retriable', where: { operator: 'sink', checkpoint: 1 } },
    })
  })

  it('emits nothing after it was unsubscribed, and leaves the input', async () => {
    const { sink, services } = recordingSink(async () => {
      await services.clock.sleep(3)
      return null
    })
    const result = await runInTime(to(sink), 'R-1-a-|', { services, unsubscribe: '---!' })
    expect(result).toMatchObject({ marbles: '-------', subscriptions: ['^--!'] })
  })

  it.each(['a', '1'])('refuses %s before the Restore', (element) => {
    const { sink, services } = recordingSink()
    expect(run(to(sink), element, { services }).error).toMatchObject({
      code: 'NO_RESTORE',
      where: { operator: 'sink' },
    })
  })

  it('shows its sink before anything is subscribed, through pipe() too', () => {
    const { sink } = recordingSink()
    expect(to(sink)(cold('R|')).sink).toBe(sink)
    expect(asOutput(cold('R|').pipe(to(sink))).sink).toBe(sink)
  })

  it('refuses to take a pipeline for finished that does not end in to(sink)', () => {
    const { sink } = recordingSink()
    const further = cold('R|').pipe(to(sink)).pipe(take(1)) as Output
    expect(() => asOutput(further)).toThrow(expect.objectContaining({ code: 'NOT_AN_OUTPUT' }))
  })

  it('gives the writer the very record', () => {
    const record = streamRecord('x', 1, 'k', [], { topic: 't', partition: 1 }, 7)
    const seen: unknown[] = []
    const { sink, writer } = recordingSink()
    const writers = new Map([[sink, { ...writer, write: (written: unknown) => void seen.push(written) }]])
    run(to(sink), 'Rx', { services: testServices({ writers }), values: { x: record as never } })
    expect(seen[0]).toBe(record)
  })
})
