import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import type { FetchedPartition } from '../../../src/kafka/protocol/fetch.ts'
import { readableEnd } from '../../../src/kafka/reading/readTo.ts'

/** What a broker answers that has nothing more to give below offset 10, although its log ends there. */
const nothing: FetchedPartition = {
  ...{ topic: 't', partition: 0, errorCode: 0, highWatermark: 10, lastStableOffset: 10, logStartOffset: 0 },
  ...{ abortedTransactions: [], records: Buffer.alloc(0), throttleTime: 0, divergingEpoch: null },
}

const verdicts = (...answers: readonly FetchedPartition[]): readonly boolean[] => answers.map(readableEnd(10))

describe('the readable end of a partition', () => {
  test('is reached with the third empty answer in a row', () => {
    expect(verdicts(nothing, nothing, nothing)).toEqual([false, false, true])
  })

  test.each<[string, Partial<FetchedPartition>]>([
    ['with an error', { errorCode: 6 }],
    ['that was throttled', { throttleTime: 1 }],
    ['with bytes, be it the beginning of a batch', { records: Buffer.alloc(1) }],
    ['while a transaction is open below the end', { lastStableOffset: 9 }],
    ['of a leader that does not know its high watermark yet', { highWatermark: 5, lastStableOffset: 5 }],
    ['of a log that has diverged', { divergingEpoch: { epoch: 1, endOffset: 5 } }],
  ])('is not proven by an answer %s, after which counting starts again', (_, other) => {
    const proof = { ...nothing, ...other }
    expect(verdicts(proof, proof, proof, proof)).toEqual([false, false, false, false])
    expect(verdicts(nothing, nothing, proof, nothing, nothing, nothing)).toEqual([...Array(5).fill(false), true])
  })

  test('may lie behind what the log had when it was asked for: what came later does not matter', () => {
    const later = { ...nothing, highWatermark: 15, lastStableOffset: 12 }
    expect(verdicts(later, later, later).at(-1)).toBe(true)
  })
})
