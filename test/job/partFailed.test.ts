/** Parts of a user's own that throw plain errors. */
import { describe, expect, it } from 'vitest'
import type { AttemptContext } from '../../src/attempt.ts'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import { storageLedger } from '../../src/checkpoint/storageLedger.ts'
import type { Ledger } from '../../src/contracts/ledger.ts'
import type { Source } from '../../src/contracts/source.ts'
import type { CheckpointStorage } from '../../src/contracts/storage.ts'
import { FatalError } from '../../src/errors.ts'
import { fixedDelay } from '../../src/job/restart.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import type { SinkWriter, TransactionalSink } from '../../src/sinks/sink.ts'
import { memoryState } from '../../src/state/memoryState.ts'
import { failure, start, untilEnd, upperWithState } from './running.ts'

const reset = (): Error => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })

/** The parts of one job; a method of one of them throws the first time that it is called. */
interface Parts {
  readonly source: Source<string>
  readonly sink: TransactionalSink<string>
  readonly ledger: Ledger
  readonly storage: CheckpointStorage
  readonly state: ReturnType<typeof memoryState>
}

type Place = readonly [part: keyof Parts, method: string, opened: boolean]

/** Methods of what is returned by `open`, and of the part itself. */
const places: readonly Place[] = [
  ['source', 'open', false],
  ['source', 'resolve', true],
  ['source', 'seek', true],
  ['source', 'poll', true],
  ['sink', 'open', false],
  ['sink', 'commit', true],
  ['sink', 'discardOthers', true],
  ['ledger', 'open', false],
  ['ledger', 'read', true],
  ['ledger', 'fence', true],
  ['ledger', 'commit', true],
  ['storage', 'ready', false],
  ['storage', 'list', false],
  ['storage', 'put', false],
  ['state', 'open', false],
]

function failing(parts: Parts, [part, method, opened]: Place, thrown: () => unknown): Parts {
  let left = 1
  const broken = <P extends object>(its: P): P =>
    new Proxy(its, {
      get(target, name) {
        const found: unknown = Reflect.get(target, name)
        if (typeof found !== 'function') return found
        return (...args: unknown[]) => {
          if (name === method && left-- > 0) throw thrown()
          return found.apply(target, args)
        }
      },
    })
  const given = parts[part] as { open?(attempt: AttemptContext): Promise<object> }
  if (!opened) return { ...parts, [part]: broken(given) }
  return {
    ...parts,
    [part]: { ...given, open: async (attempt: AttemptContext) => broken((await given.open?.(attempt)) ?? {}) },
  }
}

function partsOf(place: Place, thrown: () => unknown) {
  const visible: string[] = []
  /** A sink with handles, which shows what is committed. */
  const prepared = new Map<string, readonly string[]>()
  const sink: TransactionalSink<string> = {
    id: 'shown',
    guarantee: 'exactly-once',
    async open({ attempt }): Promise<SinkWriter<string>> {
      let waiting: string[] = []
      return {
        write: ({ value }) => void waiting.push(value),
        async prepare(checkpoint) {
          prepared.set(`${attempt} ${checkpoint}`, waiting)
          waiting = []
          return `${attempt} ${checkpoint}`
        },
        async commit(_checkpoint, handle) {
          visible.push(...(prepared.get(String(handle)) ?? []))
          prepared.delete(String(handle))
        },
        discardOthers: async () => undefined,
        close: async () => undefined,
      }
    },
  }
  const storage: CheckpointStorage = { ready: async () => [], ...memoryStorage() }
  const parts: Parts = {
    source: memorySource(['a', 'b', 'c']),
    sink,
    ledger: storageLedger(memoryStorage()),
    storage,
    state: memoryState(),
  }
  return { ...failing(parts, place, thrown), visible }
}

function running(place: Place, thrown: () => unknown) {
  const { source, sink, ledger, storage, state, visible } = partsOf(place, thrown)
  const job = upperWithState(source, { ...sink, ledger })
  return { running: start(job, { storage, state, restart: fixedDelay({ attempts: 2, delay: 10 }) }), source, visible }
}

describe('a part that throws a plain error once', () => {
  it.each(places)('is begun again: %s.%s', async (...place) => {
    const { running: its, visible } = running(place, reset)
    expect(await untilEnd(its)).toMatchObject({ outcome: 'finished' })
    expect(visible).toEqual(['A', 'B', 'C'])
  })

  it.each(places.filter(([, method]) => method !== 'commit'))('is named: %s.%s', async (...place) => {
    const [part, method] = place
    const { running: its, source } = running(place, reset)
    await untilEnd(its)
    const error = its.events.flatMap((event) => (event.type === 'restarting' ? [event.error] : []))[0]
    expect(error?.code).toBe('PART_FAILED')
    expect(error?.message).toContain('read ECONNRESET')
    expect(error?.message).toContain(method)
    expect(error?.cause).toMatchObject({ code: 'ECONNRESET' })
    if (part === 'source' || part === 'sink') expect(error?.where.operator).toBe(part === 'sink' ? 'shown' : source.id)
  })

  it('is begun again where a snapshot cannot be read', async () => {
    const storage = memoryStorage()
    await untilEnd(start(upperWithState(memorySource(['a']), memorySink()), { storage }))
    let left = 1
    const flaky: CheckpointStorage = {
      ...storage,
      get: async (key) => {
        if (left-- > 0) throw reset()
        return storage.get(key)
      },
    }
    const its = start(upperWithState(memorySource(['a']), memorySink()), {
      storage: flaky,
      restart: fixedDelay({ attempts: 2, delay: 10 }),
    })
    await untilEnd(its)
    expect(its.story()).toContain('restarting PART_FAILED 10')
  })

  it('is told by `fail`, outside of any call', async () => {
    const into = memorySink<string>()
    let failures = 1
    const sink: TransactionalSink<string> = {
      ...into,
      id: 'late',
      async open(attempt) {
        if (failures-- > 0) attempt.fail(reset())
        return into.open(attempt)
      },
    }
    const its = start(upperWithState(memorySource(['a']), sink), { restart: fixedDelay({ attempts: 2, delay: 10 }) })
    expect(await untilEnd(its)).toMatchObject({ outcome: 'finished' })
    expect(its.story()).toContain('restarting PART_FAILED 10')
    expect(into.committed).toEqual(['A'])
  })

  it('is begun again where `fetch` cannot reach a service, which is a TypeError with a cause', async () => {
    const away = () => new TypeError('fetch failed', { cause: reset() })
    const { running: its } = running(['source', 'poll', true], away)
    expect(await untilEnd(its)).toMatchObject({ outcome: 'finished' })
  })
})

describe('a part that throws what no restart can cure', () => {
  it('ends the job where it is `drain`, which asks nobody anything', async () => {
    const { running: its } = running(['source', 'drain', true], reset)
    expect(await failure(its)).toMatchObject({ code: 'UNEXPECTED', consequence: 'fatal' })
  })

  it.each(places.filter(([part]) => part === 'source'))(
    'ends the job with a mistake of its program: %s.%s',
    async (...place) => {
      const { running: its } = running(place, () => new TypeError('undefined is not a function'))
      expect(await failure(its)).toMatchObject({ code: 'UNEXPECTED', consequence: 'fatal' })
    },
  )

  it.each(places)('ends the job with its own error: %s.%s', async (...place) => {
    const { running: its } = running(place, () => new FatalError('BAD_OPTION', 'no such host'))
    expect(await failure(its)).toMatchObject({ code: 'BAD_OPTION' })
  })
})
