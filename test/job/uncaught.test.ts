/**
 * Own operators whose exceptions rxjs reports and ignores, in a process that handles uncaught
 * exceptions.
 */

import { config, Observable, type Observer, Subject } from 'rxjs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import type { StreamElement } from '../../src/element.ts'
import type { RxweftError } from '../../src/errors.ts'
import { defineJob } from '../../src/job/defineJob.ts'
import { execute } from '../../src/job/execute.ts'
import { fixedDelay } from '../../src/job/restart.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { asyncMap } from '../../src/operators/asyncMap.ts'
import { map } from '../../src/operators/map.ts'
import { split } from '../../src/operators/split.ts'
import { to } from '../../src/operators/to.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import { asStream, type StreamOperator } from '../../src/stream.ts'

type Operator = StreamOperator<string, string>

const reported: unknown[] = []
let others: NodeJS.UncaughtExceptionListener[] = []
const handler = (thrown: unknown): void => void reported.push(thrown)

beforeEach(() => {
  others = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException').on('uncaughtException', handler)
})

afterEach(() => {
  config.onUnhandledError = null
  process.off('uncaughtException', handler)
  for (const other of others) process.on('uncaughtException', other)
  reported.length = 0
})

/** As it is written by hand: nothing catches what `next` throws. */
function naive(act: (element: StreamElement<string>) => void): Operator {
  return (source) =>
    asStream(
      new Observable((out) =>
        source.subscribe({
          next(element) {
            act(element)
            out.next(element)
          },
          error: (error) => out.error(error),
          complete: () => out.complete(),
        }),
      ),
    )
}

/** The same with another observer in between, which rxjs does not know as one of its own. */
function throughSubject(act: (element: StreamElement<string>) => void): Operator {
  return (source) => {
    const subject = new Subject<StreamElement<string>>()
    const observer: Observer<StreamElement<string>> = {
      next: (element) => subject.next(element),
      error: (error) => subject.error(error),
      complete: () => subject.complete(),
    }
    return asStream(
      new Observable((out) => {
        out.add(naive(act)(asStream(subject)).subscribe(out))
        out.add(source.subscribe(observer))
      }),
    )
  }
}

const same = naive(() => undefined)

describe("an operator of one's own that throws once", () => {
  it.each<[string, (failing: Operator) => Operator]>([
    ['at the source', (failing) => failing],
    [
      'behind an operator',
      (failing) => (source) =>
        source.pipe(
          map((value) => value),
          failing,
        ),
    ],
    [
      'before an operator',
      (failing) => (source) =>
        source.pipe(
          failing,
          map((value) => value),
        ),
    ],
    ['between others like it', (failing) => (source) => source.pipe(same, failing, same)],
    [
      'behind asyncMap',
      (failing) => (source) =>
        source.pipe(
          asyncMap(async (value) => value),
          failing,
        ),
    ],
    ['behind split', (failing) => (source) => split(source, {}).rest.pipe(failing)],
  ])('loses no record, where it stands %s', async (_, place) => {
    for (const kind of [naive, throughSubject]) {
      let thrown = false
      const failing = kind((element) => {
        if (element.kind !== 'record' || element.value !== 'c' || thrown) return
        thrown = true
        throw new Error('not today')
      })
      const { values, codes } = await run((source) => source.pipe(place(failing)))
      expect(values).toEqual(['a', 'b', 'c', 'd'])
      expect(codes).toEqual(['UNCAUGHT_EXCEPTION'])
    }
    expect(reported).toHaveLength(2)
  })

  it('leaves nothing behind when the job has ended', async () => {
    config.onUnhandledError = handler
    await run(same)
    expect(process.listenerCount('uncaughtExceptionMonitor')).toBe(0)
    expect(config.onUnhandledError).toBe(handler)
  })

  it.each([
    ['before the job starts', true],
    ['while it runs', false],
  ])('loses no record where rxjs has a handler for what nobody catches, set %s', async (_, before) => {
    if (before) config.onUnhandledError = handler
    let thrown = false
    const failing = naive((element) => {
      if (element.kind === 'restore' && !before) config.onUnhandledError = handler
      if (element.kind !== 'record' || element.value !== 'c' || thrown) return
      thrown = true
      throw new Error('not today')
    })
    const { values, codes } = await run(failing)
    expect(values).toEqual(['a', 'b', 'c', 'd'])
    expect(codes).toEqual(['UNCAUGHT_EXCEPTION'])
    expect(reported).toEqual([new Error('not today')])
  })
})

/** Four records and the final barrier right behind them, in real time. */
async function run(operator: Operator): Promise<{ values: readonly string[]; codes: readonly string[] }> {
  const from = memorySource(['a', 'b', 'c', 'd'])
  const into = memorySink<string>()
  const job = defineJob('naive', (builder) => builder.from(from).pipe(operator, to(into)))
  const handle = execute(job, { storage: memoryStorage(), restart: fixedDelay({ attempts: 1, delay: 1 }) })
  const codes: string[] = []
  handle.events$.subscribe((event) => {
    if (event.type === 'restarting') codes.push((event.error as RxweftError).code)
  })
  await handle.done
  return { values: into.committed, codes }
}
