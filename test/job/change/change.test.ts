/** A new version of a job: what it renames, drops and adds, each said, and refused where it is not. */
import { describe, expect, it } from 'vitest'
import { memoryStorage } from '../../../src/checkpoint/memoryStorage.ts'
import { defineJob, type Job, type JobOptions } from '../../../src/job/defineJob.ts'
import { memorySource } from '../../../src/memory/memorySource.ts'
import { keyBy } from '../../../src/operators/keyBy.ts'
import { merge } from '../../../src/operators/merge.ts'
import { scan } from '../../../src/operators/scan.ts'
import { to } from '../../../src/operators/to.ts'
import { memorySink } from '../../../src/sinks/memorySink.ts'
import { failure, start, untilEnd } from '../running.ts'
import { sharedLedger } from '../sharedLedger.ts'

interface Version {
  readonly sources: readonly string[]
  readonly operators: readonly string[]
}

/** Numbers the records of each word, once for each operator; every source is read anew by each version. */
function ground() {
  const [storage, ledger] = [memoryStorage(), sharedLedger()]
  const words: Record<string, string[]> = {}
  const results: string[] = []

  function version({ sources, operators }: Version, options: JobOptions = {}): Job {
    const into = memorySink<string>()
    const sink = ledger.under(into)
    const job = defineJob(
      'versions',
      ({ from }) => {
        const all = sources.map((id) => from({ ...memorySource(words[id] ?? []), id }))
        const [first, ...rest] = all as [(typeof all)[0], ...typeof all]
        const read = rest.length === 0 ? first : merge(first, ...rest)
        const counted = operators.map((id) =>
          read.pipe(
            keyBy((word) => word),
            scan((count: string, word) => `${id}:${word}${Number(count.split(/\D+/).at(-1)) + 1}`, '0', { id }),
          ),
        )
        const [one, ...others] = counted as [(typeof counted)[0], ...typeof counted]
        return (others.length === 0 ? one : merge(one, ...others)).pipe(to(sink))
      },
      options,
    )
    return Object.assign(job, { results: () => into.committed })
  }

  /** Runs to the end of the input, and returns what came out. */
  async function run(shape: Version, options?: JobOptions): Promise<readonly string[]> {
    const job = version(shape, options) as Job & { results(): readonly string[] }
    await untilEnd(start(job, { storage }))
    return [...job.results()].sort()
  }
  const refused = (shape: Version, options?: JobOptions) => failure(start(version(shape, options), { storage }))
  return { words, results, run, refused, ledger, storage }
}

const v1: Version = { sources: ['a'], operators: ['count'] }

describe('an operator that is renamed', () => {
  it('is refused unless the job says so, and nothing is written', async () => {
    const { words, run, refused, ledger } = ground()
    words.a = ['x']
    await run(v1)
    const before = ledger.entry()?.checkpoint
    expect(await refused({ ...v1, operators: ['total'] })).toMatchObject({ code: 'STATE_UNCLAIMED' })
    expect(ledger.entry()?.checkpoint).toBe(before)
    words.a.push('x')
    expect(await run(v1)).toEqual(['count:x2'])
  })

  it('keeps its state, also when the option is gone again, and over many checkpoints', async () => {
    const { words, run } = ground()
    words.a = ['x', 'y']
    await run(v1)
    const v2 = { ...v1, operators: ['total'] }
    const renamedFrom = { total: 'count' }
    words.a.push('x')
    expect(await run(v2, { renamedFrom })).toEqual(['total:x2'])
    words.a.push('x')
    expect(await run(v2, { renamedFrom })).toEqual(['total:x3'])
    words.a.push('y')
    expect(await run(v2)).toEqual(['total:y2'])
  })

  it('leaves its former id to another operator, whose state is its own', async () => {
    const { words, run } = ground()
    words.a = ['x']
    await run(v1)
    const v2 = { ...v1, operators: ['total', 'count'] }
    const renamedFrom = { total: 'count' }
    words.a.push('x')
    expect(await run(v2, { renamedFrom })).toEqual(['count:x1', 'total:x2'])
    words.a.push('x')
    expect(await run(v2, { renamedFrom })).toEqual(['count:x2', 'total:x3'])
  })

  it('by names that are both former and present is BAD_OPTION', () => {
    const swap = () => ground().run(v1, { renamedFrom: { a: 'b', b: 'a' } })
    return expect(swap()).rejects.toMatchObject({ code: 'BAD_OPTION' })
  })
})

describe('a source', () => {
  it('that is renamed goes on at its offset', async () => {
    const { words, run, refused } = ground()
    words.a = ['x']
    await run(v1)
    words.orders = ['x', 'x']
    const v2 = { ...v1, sources: ['orders'] }
    expect(await refused(v2)).toMatchObject({ code: 'SOURCE_MISSING' })
    expect(await run(v2, { renamedFrom: { orders: 'a' } })).toEqual(['count:x2'])
    words.orders.push('x')
    expect(await run(v2)).toEqual(['count:x3'])
  })

  it('that is dropped is refused unless the job says so', async () => {
    const { words, run, refused, ledger } = ground()
    words.a = ['x']
    words.b = ['x']
    await run({ ...v1, sources: ['a', 'b'] })
    const before = ledger.entry()
    expect(await refused(v1)).toMatchObject({ code: 'SOURCE_MISSING', where: { operator: 'b' } })
    expect(ledger.entry()?.checkpoint).toBe(before?.checkpoint)
    words.a.push('x')
    expect(await run(v1, { allowDropped: { sources: ['b'] } })).toEqual(['count:x3'])
    expect(ledger.entry()?.positions.map(({ source }) => source)).toEqual(['a'])
    words.a.push('x')
    expect(await run(v1)).toEqual(['count:x4'])
  })

  it('that is added begins where it says', async () => {
    const { words, run } = ground()
    words.a = ['x']
    await run(v1)
    words.b = ['x']
    expect(await run({ ...v1, sources: ['a', 'b'] })).toEqual(['count:x2'])
  })
})

describe('prepared output of a sink', () => {
  it('that is gone is refused unless the job says so', async () => {
    const { words, run, refused, ledger } = ground()
    words.a = ['x']
    await run(v1)
    const entry = ledger.entry()
    ledger.put({ ...(entry as NonNullable<typeof entry>), handles: { files: 'part-7' } })
    expect(await refused(v1)).toMatchObject({ code: 'SINK_MISSING', where: { operator: 'files' } })
    words.a.push('x')
    expect(await run(v1, { allowDropped: { sinks: ['files'] } })).toEqual(['count:x2'])
  })
})

it('options that are none are BAD_OPTION', () => {
  const bad = [{ allowDropped: { source: ['a'] } }, { allowDropped: { sources: 'a' } }, { renamedFrom: ['a'] }]
  for (const options of bad)
    expect(() => defineJob('j', () => [] as never, options as unknown as JobOptions)).toThrow(/BAD_OPTION/)
})
