import fc from 'fast-check'
import { scan } from 'rxjs'
import {
  asyncMap,
  boundedOutOfOrderness,
  defineJob,
  filter,
  flatMap,
  keyBy,
  lift,
  map,
  merge,
  to,
  tumbling,
  window,
} from 'rxweft'
import { describe, expect, it } from 'vitest'
import { CrashTestError, crashTest } from '../../src/testing/index.ts'
import { around, between, numbered } from './crashJobs.ts'

const lines = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
const upper = around(() => map((line) => line.toUpperCase()))

async function found(test: Promise<unknown>): Promise<CrashTestError> {
  const error = await test.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof CrashTestError) return error
  throw error ?? new Error('it found nothing')
}

describe('crashTest with a job that is right', () => {
  it('ends it at every step of the protocol, and finds nothing', async () => {
    const { steps, runs, crashPoints, seed } = await crashTest(upper, { input: { lines } })
    expect([runs, crashPoints, seed]).toEqual([steps.length, steps.length, 1])
    expect(steps.map((step) => step.split(';')[0])).toEqual(
      expect.arrayContaining([
        'process killed before the first look into the ledger',
        'process killed after the take-over, before its answer',
        'process killed before the emit of lines/0 at offset 0',
        'attempt failed after the emit of lines/0 at offset 7',
        'process killed before the write of record 1 to out',
        'process killed before the prepare of checkpoint 1 in out',
        'process killed after the prepare of checkpoint 2 in out, before its answer',
        'process killed after the put of the mark of a lineage to begin, before its answer',
        'process killed before the put of the mark of a lineage that has begun',
        'process killed before the commit of checkpoint 1',
        'process killed after the commit of checkpoint 2, before its answer',
        'process killed before the roll-forward of checkpoint 2 in out',
        'attempt failed after the roll-forward of checkpoint 2 in out, before its answer',
      ]),
    )
  })

  it('tries it with what is in flight lost, and done unheard', async () => {
    const { steps } = await crashTest(upper, { input: { lines } })
    for (const end of ['lost', 'done']) {
      expect(steps).toEqual(expect.arrayContaining([expect.stringMatching(`emit of .*; in flight and ${end}: the `)]))
    }
  })

  it('finds nothing with state that is part of the checkpoint', async () => {
    const { steps } = await crashTest(around(numbered), { input: { lines } })
    expect(steps.map((step) => step.split(';')[0])).toEqual(
      expect.arrayContaining([
        'process killed before the put of snapshot 1',
        'attempt failed after the put of snapshot 1, before its answer',
        'process killed after the removal of snapshot 1, before its answer',
      ]),
    )
  })

  it('finds nothing with several sources, partitions, sinks, concurrent checkpoints and crashes, whatever the seed', async () => {
    const input = {
      left: { partitions: [lines.slice(0, 4), ['x'], []], key: (line: string) => line, timestamp: () => 5 },
      right: [1, 2],
    }
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.constantFrom(1, 2), async (seed, maxConcurrent) => {
        await crashTest(
          ({ source, sink }) =>
            defineJob('two', ({ from }) => {
              const [left, right] = [from(source('left')), from(source('right'))]
              const both = merge(left, right)
              return [
                both.pipe(
                  flatMap((value) => [value, value]),
                  to(sink('all')),
                ),
                left.pipe(
                  filter((line) => line !== 'x'),
                  to(sink('left')),
                ),
              ]
            }),
          { input, seed, maxConcurrent: maxConcurrent as 1 | 2, crashes: 3, checkpointEvery: 2 },
        )
      }),
      { numRuns: 3 },
    )
  }, 300_000)

  it('finds nothing with asyncMap that waits on virtual time', async () => {
    await crashTest(
      ({ source, sink, clock }) =>
        between(source('lines'), sink('out'), () =>
          asyncMap(async (line: string) => {
            await new Promise<void>((resolve) => clock.setTimeout(resolve, 7))
            return line
          }),
        ),
      { input: { lines } },
    )
  })

  it('finds nothing if windows of several keys end together, and so are told in any order', async () => {
    const clicks = Array.from({ length: 12 }, (_, at) => ({ user: 'abc'[(at * 2) % 3] ?? '', at: at * 10 }))
    const { runs } = await crashTest(
      ({ source, sink }) =>
        defineJob('windows', ({ from }) =>
          from(
            source('clicks'),
            boundedOutOfOrderness(0).withTimestamps(({ at }) => at),
          ).pipe(
            keyBy(({ user }) => user),
            window(tumbling(60)).process((clicks) => clicks.length, { id: 'counts' }),
            to(sink('counts')),
          ),
        ),
      { input: { clicks } },
    )
    expect(runs).toBeGreaterThan(100)
  }, 60_000)

  it('finds nothing if a job changes the values that it reads and has written', async () => {
    const input = { totals: lines.map(() => ({ total: 1, parts: [] as number[] })) }
    await crashTest(
      ({ source, sink }) =>
        between(source('totals'), sink('out'), () =>
          flatMap((value) => {
            value.total += 1
            value.parts.push(value.total)
            return [value, value]
          }),
        ),
      { input },
    )
    expect(input.totals[0]).toEqual({ total: 1, parts: [] })
  })
})

describe('crashTest with a mistake in the job', () => {
  it('finds state that survives a failed attempt and is not in the checkpoint', async () => {
    const seen = () => {
      const known = new Set<string>()
      return around(() => filter((line) => !known.has(line) && known.add(line) !== undefined))
    }
    const { finding } = await found(crashTest((ends) => seen()(ends), { input: { lines } }))
    expect(finding.step).toMatch(/^attempt failed/)
    expect(finding.problems[0]).toMatch(/^out: lost: 'a'/)
  })

  it('finds state that a restart loses', async () => {
    const sums = around(() => lift(scan((all: string, line: string) => all + line, '')))
    const { finding } = await found(crashTest(sums, { input: { lines } }))
    expect(finding.problems).toEqual([
      expect.stringMatching(/^out: lost: /),
      expect.stringMatching(/^out: not in the undisturbed run: /),
      expect.stringMatching(/^out: record \d of lines\/0 is '.*', and was '.*'$/),
    ])
  })

  it.each([
    ['is not restored', { forgets: true }],
    ['is stored one too low', { counts: 'one too few' }],
    ['is stored one too high', { counts: 'one too many' }],
  ] as const)('finds state that %s', async (_, mistakes) => {
    await found(
      crashTest(
        around(() => numbered(mistakes)),
        { input: { lines } },
      ),
    )
  })

  it('finds an effect in map that is done again', async () => {
    const mails: string[] = []
    const sending = around(() =>
      map((line) => {
        mails.push(line)
        return line
      }),
    )
    const test = crashTest(sending, {
      input: { lines },
      invariant: ({ out }) => {
        const sent = mails.splice(0)
        expect(sent).toEqual(out)
      },
    })
    expect((await found(test)).finding.problems.join()).toContain('the invariant is broken')
  })

  it('finds a job that fails only after a crash', async () => {
    let attempts = 0
    const failing = around(() => {
      attempts += 1
      return map((line) => {
        if (attempts > 4 && line === 'd') throw new Error('there is no fifth time')
        return line
      })
    })
    const error = await found(crashTest(failing, { input: { lines } }))
    expect(error.finding.problems).toEqual([expect.stringContaining('the job fails: OPERATOR_FAILED')])
    expect(error.cause).toMatchObject({ code: 'OPERATOR_FAILED' })
  })
})

describe('the report of crashTest', () => {
  const counting = (ends: Parameters<typeof upper>[0]) => {
    let count = 0
    return around(() => map((line) => `${++count}${line}`))(ends)
  }

  it('names the step, what is wrong, the seed and how to see it again, and shows what happened', async () => {
    const error = await found(crashTest(counting, { input: { lines: ['a', 'b', 'c', 'd'] }, seed: 7 }))
    expect(error.message).toMatchInlineSnapshot(`
      "CRASH_TEST_FAILED: attempt failed before the write of record 1 to out
        out: lost: '1a', '2b', '3c', '4d'
        out: not in the undisturbed run: '2a', '3b', '4c', '5d'
        out: record 1 of lines/0 is '2a', and was '1a'

        attempt 1        R-(a!)
        attempt 2               R-a-1--------b-2--------c-d-3----------------|
        out                           <"2a">-----<"3b">-------(<"4c"><"5d">)
        out undisturbed  <"1a"><"2b"><"3c"><"4d">

      Crash point 52 of 136, seed 7. Only this one: crashTest(job, { ..., seed: 7, only: 52 })"
    `)
  })

  it('is the same when only that crash point is run', async () => {
    for (const crashes of [1, 3]) {
      const first = await found(crashTest(counting, { input: { lines }, crashes, seed: 3 }))
      const { crashPoint, seed } = first.finding
      const again = await found(crashTest(counting, { input: { lines }, crashes, seed, only: crashPoint }))
      expect(again.finding).toEqual(first.finding)
    }
  })

  it('counts one run where only one crash point is run', async () => {
    expect(await crashTest(upper, { input: { lines }, only: 2 })).toMatchObject({ runs: 1 })
  })

  it('gives long values letters', async () => {
    const rows = lines.map((line) => ({ line, length: line.length }))
    let count = 0
    const { finding } = await found(
      crashTest(
        ({ source, sink }) => {
          count = 0
          return between(source('rows'), sink('out'), () => map(({ line }) => ({ line, count: ++count })))
        },
        { input: { rows } },
      ),
    )
    expect(finding.picture).toContain('a = {"line":"a","length":1}')
    expect(finding.picture).toContain('A = {"line":"a","count":1}')
    expect(finding.picture).toMatch(/^out undisturbed +ABCDEFGH$/m)
  })
})

describe('the measure of crashTest', () => {
  it('is the invariant if there is one', async () => {
    const some = around(() => lift(scan((all: string, line: string) => all + line, '')))
    await crashTest(some, { input: { lines }, invariant: ({ out }) => out?.length === lines.length })
    await crashTest(some, { input: { lines }, invariant: async ({ out }) => expect(out).toHaveLength(lines.length) })
    const { finding } = await found(
      crashTest(some, { input: { lines }, invariant: ({ out }) => out?.at(-1) === 'abcdefgh' }),
    )
    expect(finding.problems).toEqual(['the invariant is false'])
    expect(finding.picture).not.toContain('undisturbed')
  })

  it('is typed by what the invariant says about the sinks', async () => {
    await crashTest(({ source, sink }) => between(source('lines'), sink('lengths'), () => map((line) => line.length)), {
      input: { lines },
      invariant: ({ lengths }: { lengths: readonly number[] }) => lengths.every((one) => one === 1),
    })
  })

  it('is the output in any order with compare: unordered', async () => {
    const waiting = ({ source, sink, clock }: Parameters<typeof upper>[0]) =>
      between(source('lines'), sink('out'), () =>
        asyncMap(
          async (line: string) => {
            await new Promise<void>((resolve) => clock.setTimeout(resolve, line.charCodeAt(0) % 2 === 0 ? 25 : 1))
            return line
          },
          { ordered: false },
        ),
      )
    await crashTest(waiting, { input: { lines }, compare: 'unordered' })
    const test = crashTest(waiting, { input: { lines } })
    await expect(test).rejects.toMatchObject({ code: expect.stringMatching(/CRASH_TEST_(FAILED|NOT_DETERMINISTIC)/) })
  })
})

describe('crashTest refuses', () => {
  it('a job whose output is another one each time', async () => {
    let runs = 0
    const random = (ends: Parameters<typeof upper>[0]) => {
      const run = runs++
      return around(() => map((line) => `${line}${run}`))(ends)
    }
    await expect(crashTest(random, { input: { lines } })).rejects.toMatchObject({
      code: 'CRASH_TEST_NOT_DETERMINISTIC',
      message: expect.stringContaining('different output in each run'),
    })
  })

  it('to compare the output of a job that depends on which partition comes first', async () => {
    await expect(
      crashTest(around(numbered), { input: { lines: { partitions: [['a', 'b'], ['c']] } } }),
    ).rejects.toMatchObject({
      code: 'CRASH_TEST_NOT_DETERMINISTIC',
      message: expect.stringContaining('which partition is read first'),
    })
  })

  it('a job that fails, writes nothing or breaks the invariant without any crash', async () => {
    const failing = around(() =>
      map((): string => {
        throw new Error('always')
      }),
    )
    const code = 'CRASH_TEST_UNDISTURBED'
    await expect(crashTest(failing, { input: { lines } })).rejects.toMatchObject({
      code,
      cause: { code: 'OPERATOR_FAILED' },
    })
    await expect(
      crashTest(
        around(() => filter(() => false)),
        { input: { lines } },
      ),
    ).rejects.toMatchObject({ code })
    await expect(crashTest(upper, { input: { lines }, invariant: () => false })).rejects.toMatchObject({ code })
  })

  it('a job that waits for something that virtual time does not bring', async () => {
    const waiting = around(() => asyncMap(() => new Promise<string>(() => undefined)))
    const refused = expect.objectContaining({ code: 'CRASH_TEST_UNDISTURBED' })
    await expect(crashTest(waiting, { input: { lines } })).rejects.toEqual(refused)
  })

  it('input that no source reads, and sources without input', async () => {
    const code = 'BAD_OPTION'
    const unused = crashTest(({ source, sink }) => between(source('lines'), sink('out'), () => map(String)), {
      input: { lines, others: [1] },
    })
    await expect(unused).rejects.toMatchObject({ code, message: expect.stringContaining('"others"') })
    // @ts-expect-error: there is no input of that name
    const unknown = crashTest(({ source, sink }) => between(source('nothing'), sink('out'), () => map(String)), {
      input: { lines },
    })
    await expect(unknown).rejects.toMatchObject({ code })
  })

  it.each([
    ...[{ checkpointEvery: 0 }, { crashes: 0.5 }, { only: -1 }, { only: 100_000 }, { seed: 0.5 }, { seed: NaN }],
    ...[{ compare: 'any' as never }, { maxConcurrent: 3 as never }],
  ])('%o', async (options) => {
    await expect(crashTest(upper, { input: { lines }, ...options })).rejects.toMatchObject({ code: 'BAD_OPTION' })
  })
})

describe('a crash test of a thousand crash points', () => {
  it('runs every one of them, in virtual time', async () => {
    const many = Array.from({ length: 50 }, (_, at) => `line ${at}`)
    const { runs } = await crashTest(upper, { input: { lines: many } })
    expect(runs).toBeGreaterThan(700)
  }, 300_000)
})
