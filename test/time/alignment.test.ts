import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Split } from '../../src/record.ts'
import { testServices } from '../../src/testing/testServices.ts'
import { alignment } from '../../src/time/alignment.ts'
import { monotonousTimestamps } from '../../src/time/watermarks.ts'
import { type Fed, fed, place } from '../job/fed.ts'

/** Sources of one job, in one group unless told otherwise, and what each of their readers is told. */
function sources(...given: readonly { drift: number; splits: number; group?: string; idleness?: number }[]) {
  const [groups, services] = [alignment(), testServices()]
  return given.map(({ drift, splits, group, idleness }, at) => {
    let held: (split: Split) => boolean = () => false
    const strategy = monotonousTimestamps().withAlignment(drift, group)
    const source = fed(idleness === undefined ? strategy : strategy.withIdleness(idleness), splits, {
      ...{ groups, services, id: `source ${at}` },
      hold(answer) {
        held = answer
      },
    })
    const heldSplits = () => Array.from({ length: splits }, (_, at) => at).filter((at) => held(place(at)))
    return { ...source, services, held: heldSplits, read: (...records: Read[]) => read(source, records) }
  })
}

type Read = readonly [partition: number, timestamp: number]

/** A batch with these records. */
function read({ feed }: Fed, records: readonly Read[]): void {
  feed.batch((emit) => {
    for (const [partition, timestamp] of records) emit('x', timestamp, null, [], place(partition), 0)
  })
  feed.settle()
}

describe('alignment', () => {
  it('holds a split that is further ahead of the last than the drift, until the last has caught up', () => {
    const [source] = sources({ drift: 10, splits: 2 })
    source?.read([0, 100], [1, 111])
    expect(source?.held()).toEqual([1])
    source?.read([0, 101])
    expect(source?.held()).toEqual([])
    source?.read([1, 111])
    expect(source?.held()).toEqual([])
  })

  it('holds a source that is ahead of another one of its group, and not those of other groups', () => {
    const [fast, slow, other] = sources(
      { drift: 10, splits: 1 },
      { drift: 500, splits: 2 },
      { drift: 10, splits: 1, group: 'other' },
    )
    slow?.read([0, 100], [1, 200])
    fast?.read([0, 150])
    other?.read([0, 999])
    expect([fast, slow, other].map((one) => one?.held())).toEqual([[0], [], []])
    slow?.read([0, 140])
    expect(fast?.held()).toEqual([])
  })

  it('waits for splits that have had no record, as the watermark does', () => {
    const [source] = sources({ drift: 10, splits: 2 })
    source?.read([0, 100])
    expect(source?.held()).toEqual([0])
    source?.read([1, 95])
    expect(source?.held()).toEqual([])
  })

  it('waits for a new split', () => {
    const [source] = sources({ drift: 10, splits: 1 })
    source?.read([0, 100])
    source?.feed.barrier(5, [
      { ...place(0), offset: 1 },
      { ...place(1), offset: 0 },
    ])
    expect(source?.held()).toEqual([0])
  })

  it('waits for no split that is idle', () => {
    const [fast, slow] = sources({ drift: 10, splits: 1 }, { drift: 10, splits: 2, idleness: 50 })
    slow?.read([0, 100], [1, 200])
    fast?.read([0, 300])
    expect([fast, slow].map((one) => one?.held())).toEqual([[0], [1]])
    slow?.services.clock.advance(50)
    // The last one is idle; the other one of its source was held, so it has not been silent, and is the last one now.
    expect([fast, slow].map((one) => one?.held())).toEqual([[0], []])
    slow?.services.clock.advance(49)
    expect(fast?.held()).toEqual([0])
    slow?.services.clock.advance(1)
    expect(fast?.held()).toEqual([])
  })

  it('waits for no split that a bounded source is through with, nor for a source that has ended or was stopped', () => {
    for (const end of ['exhausted', 'stop'] as const) {
      const [fast, slow] = sources({ drift: 10, splits: 1 }, { drift: 10, splits: 2 })
      slow?.read([0, 100], [1, 200])
      fast?.read([0, 205])
      expect([fast, slow].map((one) => one?.held())).toEqual([[0], [1]])
      slow?.feed.settle([place(0)])
      expect([fast, slow].map((one) => one?.held())).toEqual([[], []])
      fast?.read([0, 999])
      expect(fast?.held()).toEqual([0])
      slow?.feed[end]()
      expect(fast?.held()).toEqual([])
    }
  })

  it('knows the splits of a snapshot', () => {
    const groups = alignment()
    const asked: boolean[] = []
    fed(monotonousTimestamps().withAlignment(10), 2, {
      groups,
      state: { splits: [5, 50].map((timestamp, partition) => ({ ...place(partition), timestamp })) },
      hold: (held) => asked.push(held(place(0)), held(place(1)), held(place(2))),
    })
    expect(asked).toEqual([false, true, false])
  })

  it('holds exactly what is too far ahead of the last, which is never held itself', () => {
    const shape = fc.record({ drift: fc.nat(5), splits: fc.integer({ min: 1, max: 3 }) })
    const step = fc.tuple(fc.nat(2), fc.nat(2), fc.nat(20), fc.boolean())
    fc.assert(
      fc.property(
        fc.array(shape, { minLength: 1, maxLength: 3 }),
        fc.array(step, { maxLength: 30 }),
        (shapes, steps) => {
          const made = sources(...shapes)
          const marks = shapes.map(({ splits }) => Array.from({ length: splits }, () => -Infinity))
          const through = shapes.map((): Split[] => [])
          for (const [at, partition, timestamp, ends] of steps) {
            const [source, its] = [made[at % made.length], marks[at % made.length]]
            const ended = through[at % made.length]
            const which = partition % (its?.length ?? 1)
            if (source === undefined || its === undefined || its[which] === Infinity) continue
            if (ends) {
              its[which] = Infinity
              ended?.push(place(which))
              source.feed.settle(ended)
            } else {
              its[which] = Math.max(its[which] as number, timestamp)
              source.read([which, timestamp])
            }
            const last = Math.min(...marks.flat())
            for (const [at, { drift }] of shapes.entries()) {
              const ahead = (marks[at] ?? []).flatMap((mark, split) =>
                mark < Infinity && mark > last + drift ? [split] : [],
              )
              expect(made[at]?.held().filter((split) => marks[at]?.[split] !== Infinity)).toEqual(ahead)
            }
          }
        },
      ),
    )
  })
})
