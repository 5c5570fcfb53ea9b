/**
 * Word count, crashed at every step of the checkpoint protocol: each word is counted from 1 on,
 * without gaps or duplicates.
 */
import { type CrashEnds, crashTest } from 'rxweft/testing'
import { describe, expect, it } from 'vitest'
import { type WordCount, wordCount } from '../../examples/wordCount.ts'
import { countsOf, miscounted } from './judging.ts'

const lines = ['to be or not', 'to be', 'that is', 'the question', '', 'to be', 'is it', 'that', 'or is it not']

const job = ({ source, sink }: CrashEnds<{ lines: string }, { counts: WordCount }>) =>
  wordCount(source('lines'), sink('counts'))

describe('word count, crashed at every step,', { timeout: 120_000 }, () => {
  it('puts out what it does without a crash', async () => {
    await crashTest(job, { input: { lines } })
  })

  it('and again after the restart, with two checkpoints under way, counts on from where it was', async () => {
    await crashTest(job, {
      // From which partition the third "to" comes is open.
      input: { lines: { partitions: [lines.slice(0, 5), lines.slice(5)] } },
      crashes: 2,
      maxConcurrent: 2,
      invariant({ counts }) {
        const told = countsOf(counts)
        expect(miscounted(told)).toEqual([])
        expect(told.get('be')).toHaveLength(3)
        expect(counts).toHaveLength(lines.flatMap((line) => line.match(/\w+/g) ?? []).length)
      },
    })
  })
})
