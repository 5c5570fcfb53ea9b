import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type RecordBatch, readBatches } from '../../../src/kafka/batch/readBatches.ts'
import type { AbortedTransaction, FetchedPartition } from '../../../src/kafka/protocol/fetch.ts'
import { committedRecords, committedSlices } from '../../../src/kafka/reading/committedRecords.ts'
import { marker } from './markers.ts'
import { built } from './plainRecords.ts'

/** What a producer does: writes one batch, or ends its transaction. `outside`: it writes without a transaction. */
type Act = { readonly producer: number; readonly does: 'write' | 'commit' | 'abort' | 'outside' }

/** A partition's log as a broker keeps it, and what a read_committed reader must see of it, by offset. */
function play(acts: readonly Act[]) {
  const log: Buffer[] = []
  const open = new Map<number, number[]>()
  const aborted: (AbortedTransaction & { last: number })[] = []
  const committed: number[] = []
  let offset = 0
  for (const { producer, does } of acts) {
    const mine = open.get(producer)
    if (does === 'write' || does === 'outside') {
      const identity = { producerId: producer, producerEpoch: 0, baseSequence: 0, transactional: does === 'write' }
      const record = { timestamp: 0, key: null, value: Buffer.from(`${offset}`), headers: [] }
      log.push(built([record, record], { baseOffset: offset, identity }))
      if (does === 'outside') committed.push(offset, offset + 1)
      else open.set(producer, [...(mine ?? []), offset, offset + 1])
      offset += 2
    } else if (mine !== undefined) {
      log.push(marker(offset, producer, does))
      if (does === 'commit') committed.push(...mine)
      else aborted.push({ producerId: producer, firstOffset: mine[0] as number, last: offset })
      open.delete(producer)
      offset += 1
    }
  }
  const stable = Math.min(offset, ...[...open.values()].map(([first]) => first as number))
  return { log, aborted, stable, visible: committed.filter((one) => one < stable).sort((a, b) => a - b) }
}

/** One fetch from the batch at `from` on, as a broker answers: up to the last stable offset, aborted ones listed that reach into it. */
function fetched({ log, aborted, stable }: ReturnType<typeof play>, from: number): FetchedPartition {
  const batches = log.filter((batch) => Number(batch.readBigInt64BE(0)) < stable).slice(from)
  const start = batches.length === 0 ? 0 : Number((batches[0] as Buffer).readBigInt64BE(0))
  return {
    topic: 't',
    partition: 0,
    errorCode: 0,
    highWatermark: stable,
    lastStableOffset: stable,
    logStartOffset: 0,
    // In the order in which they ended, as brokers list them: not that in which they began.
    abortedTransactions: aborted.filter(({ last, firstOffset }) => last >= start && firstOffset < stable),
    records: Buffer.concat(batches),
  }
}

function seen(partition: FetchedPartition, position: number, batches?: readonly RecordBatch[]) {
  const offsets: number[] = []
  const next = committedRecords(partition, position, ({ offset }) => offsets.push(offset), batches)
  return { offsets, next }
}

const act: fc.Arbitrary<Act> = fc.record({
  producer: fc.constantFrom(7, 8, 9),
  does: fc.constantFrom('write', 'write', 'write', 'commit', 'abort', 'outside'),
})

describe('reading committed records', () => {
  it('sees exactly what was committed, however transactions interleave and wherever the fetch begins', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), fc.nat(20), (acts, skip) => {
        const played = play(acts)
        const all = fetched(played, 0)
        expect(seen(all, 0).offsets).toEqual(played.visible)
        const from = Math.min(skip, Math.max(0, played.log.length - 1))
        const later = fetched(played, from)
        const start = later.records.length === 0 ? 0 : Number(later.records.readBigInt64BE(0))
        expect(seen(later, start).offsets).toEqual(
          later.records.length === 0 ? [] : played.visible.filter((offset) => offset >= start),
        )
      }),
      { numRuns: 1_000 },
    )
  })

  it('sees the same a few records at a time, also of batches that somebody has read before', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), fc.integer({ min: 1, max: 5 }), (acts, most) => {
        const all = fetched(play(acts), 0)
        const batches = [...readBatches(all.records, all)]
        const first = seen(all, 1, batches)
        const offsets: number[] = []
        const some = committedSlices(all, 1, batches)
        for (let before = 0; ; before = offsets.length) {
          const next = some(({ offset }) => offsets.push(offset), most)
          expect(offsets.length - before).toBeLessThanOrEqual(most)
          if (next === null) continue
          expect({ offsets, next }).toEqual(first)
          break
        }
      }),
    )
  })

  it('leaves out an aborted transaction that began before another one of the list', () => {
    const played = play([
      { producer: 7, does: 'write' },
      { producer: 8, does: 'write' },
      { producer: 8, does: 'abort' },
      { producer: 7, does: 'write' },
      { producer: 9, does: 'write' },
      { producer: 9, does: 'commit' },
      { producer: 7, does: 'abort' },
      { producer: 7, does: 'write' },
      { producer: 7, does: 'commit' },
    ])
    expect(played.visible).toEqual([7, 8, 11, 12])
    expect(seen(fetched(played, 0), 0).offsets).toEqual([7, 8, 11, 12])
  })

  it('shows nothing before its position, even of a batch that holds it', () => {
    const played = play([{ producer: 7, does: 'outside' }])
    expect(seen(fetched(played, 0), 1)).toEqual({ offsets: [1], next: 2 })
  })

  it('moves its position past aborted records and markers, so that a bounded source can end', () => {
    const played = play([
      { producer: 7, does: 'write' },
      { producer: 7, does: 'abort' },
    ])
    expect(seen(fetched(played, 0), 0)).toEqual({ offsets: [], next: 3 })
  })

  it('stays where it is when nothing was fetched', () => {
    expect(seen(fetched(play([]), 0), 5)).toEqual({ offsets: [], next: 5 })
  })
})
