/** Word count, crashed at every step of the checkpoint protocol: each word is counted from 1 on, each time once. */
import { crashTest } from 'rxweft/testing'
import { describe, expect, it } from 'vitest'
import { type WordCount, wordCount } from '../../examples/wordCount.ts'

const lines = ['to be or not', 'to be', 'that is', 'the question', '', 'to be', 'is it', 'that', 'or is it not']

/** How often each word comes. */
const expected = (text: readonly string[]): ReadonlyMap<string, number> =>
  text
    .flatMap((line) => line.match(/\w+/g) ?? [])
    .reduce((counts, word) => counts.set(word, (counts.get(word) ?? 0) + 1), new Map<string, number>())

describe('word count, crashed at every step,', { timeout: 120_000 }, () => {
  it('puts out what it does without a crash', async () => {
    await crashTest(({ source, sink }) => wordCount(source('lines'), sink('counts')), { input: { lines } })
  })

  it('and crashed twice, with a checkpoint begun before the last is done, counts on from where it was', async () => {
    await crashTest<{ lines: string }, { counts: WordCount }>(
      ({ source, sink }) => wordCount(source('lines'), sink('counts')),
      {
        // From which partition the third "to" comes is open.
        input: { lines: { partitions: [lines.slice(0, 5), lines.slice(5)] } },
        crashes: 2,
        maxConcurrent: 2,
        invariant({ counts }) {
          const last = new Map<string, number>()
          for (const { word, count } of counts) {
            expect({ word, count }).toEqual({ word, count: (last.get(word) ?? 0) + 1 })
            last.set(word, count)
          }
          expect(last).toEqual(expected(lines))
        },
      },
    )
  })
})
