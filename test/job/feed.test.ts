import { describe, expect, it } from 'vitest'
import {
  boundedOutOfOrderness,
  monotonousTimestamps,
  noWatermarks,
  type WatermarkStrategy,
} from '../../src/time/watermarks.ts'
import { fed, place, positions } from './fed.ts'

/**
 * One picture in for each split, and the one that comes out. A digit is a record with that timestamp, a letter the watermark of its number, from
 * a = 0 on; I is idle, Z the end of time.
 */
function expectPictures<T>(strategy: WatermarkStrategy<T>, splits: readonly string[], out: string): void {
  const source = fed(strategy, splits.length)
  source.play(...splits)
  expect(source.picture()).toBe(out)
}

const monotonous = monotonousTimestamps()
describe('the watermark of a source', () => {
  it('comes right after the record that it rises with, one below the highest timestamp', () => {
    // biome-ignore format: pictures stand below each other
    expectPictures(monotonous, [' -3----5'],
                                'R-(3c)-(5e)')
  })

  it('is further behind if records may come late, and does not rise with one that does', () => {
    // biome-ignore format: pictures stand below each other
    expectPictures(boundedOutOfOrderness(2), [' 5----7----6-9'],
                                              'R(5c)-(7e)-6-(9g)')
  })

  it('is the lowest of the splits', () => {
    // biome-ignore format: pictures stand below each other
    expectPictures(monotonous, [' -5--------9',
                                ' -----7-----'],
                                'R-5---(7e)-(9g)')
  })

  it('waits for every split, including those without records', () => {
    // biome-ignore format: pictures stand below each other
    expectPictures(monotonous, [' 5-6-',
                                ' -5-6',
                                ' ----'],
                                'R5566')
  })

  it('does not come twice', () => {
    // biome-ignore format: pictures stand below each other
    expectPictures(monotonous, [' 5----5-4-5'],
                                'R(5e)-5-4-5')
  })

  it('is not there without a strategy, but at the end', () => {
    const source = fed(noWatermarks(), 1)
    source.play(' -5-6')
    source.feed.exhausted()
    expect(source.picture()).toBe('R-5-(6Z)')
  })

  it('is Infinity at the end, also if splits have had no record', () => {
    const source = fed(monotonous, 2)
    source.play(' -5--')
    source.feed.exhausted()
    expect(source.picture()).toBe('R-5-Z')
  })

  it('is that of the others once a bounded source is through with a split', () => {
    const source = fed(monotonous, 3)
    source.play(' 5--', ' -7-')
    source.feed.settle([place(2)])
    source.play('-')
    source.feed.settle([place(2), place(0)])
    source.play('-', '9')
    expect(source.picture()).toBe('R57eg(9i)')
  })

  it('waits for a new split from the next barrier on', () => {
    const source = fed(monotonous, 1)
    source.play(' 5----')
    source.feed.barrier(5, positions(0))
    source.play('      6----')
    source.feed.barrier(6, positions(0, 1))
    source.play('           7--8----', '-----9---')
    expect(source.picture()).toBe('R(5e)-(6f)-7--8-(9h)')
  })

  it('waits for a new split from its first record on, and never falls', () => {
    const source = fed(monotonous, 1)
    source.play(' 5----8-----9----', ' ------3---9-----')
    expect(source.picture()).toBe('R(5e)-(8h)39(9i)')
  })

  it('is a number, however far the timestamps lie from the epoch', () => {
    for (const timestamp of [-1, -8.64e15, 8.64e15, 0, 0.5]) {
      const source = fed(boundedOutOfOrderness(1), 1)
      source.feed.emit('x', timestamp, null, [], place(0), 0)
      expect(source.elements.slice(2)).toEqual([{ kind: 'watermark', timestamp: timestamp - 2 }])
    }
  })

  it('is known by topic and partition, whatever object a reader has for them', () => {
    const source = fed(monotonous, 2)
    source.feed.batch((emit) => {
      for (const [partition, timestamp] of [
        [0, 5],
        [1, 7],
        [0, 6],
      ] as const) {
        emit(`${timestamp}`, timestamp, null, [], { topic: 't', partition }, 0)
      }
    })
    expect(source.picture()).toBe('(R57e6f)')
  })
})

describe('an idle split', () => {
  const idling = monotonous.withIdleness(10)

  it('holds the others back for so long, and not a moment longer', () => {
    // biome-ignore format: pictures stand below each other
    expectPictures(idling, [' 5--------------',
                            ' --7------8-----'],
                            'R5-(7e)---8h')
  })

  it('that never had a record is idle after the same time', () => {
    // biome-ignore format: pictures stand below each other
    expectPictures(idling, [' ---5---7------',
                            ' -------------'],
                            'R---5---7-g')
  })

  it('is active again with its next record, and the watermark does not fall', () => {
    // biome-ignore format: pictures stand below each other
    expectPictures(idling, [' 2-----------3----7----',
                            ' ----6----------8------'],
                            'R2---(6b)--f-3--8-(7g)')
  })

  it('makes the source idle, once, when it is the last one', () => {
    // biome-ignore format: pictures stand below each other
    expectPictures(idling, [' 5-----------------------------',
                            ' 5-----------------------------'],
                            'R(55e)-----I')
  })

  it('makes the source idle again after it was not', () => {
    // biome-ignore format: pictures stand below each other
    expectPictures(idling, [' 5---------------6--------------'],
                            'R(5e)------I-----(6f)------I')
  })

  it('leaves no timer behind after the end of the attempt, of the elements, or of a bounded source', () => {
    for (const end of ['stop', 'complete', 'exhausted'] as const) {
      const source = fed(idling, 2)
      source.play(' 5-')
      expect(source.services.clock.timers).toBe(1)
      source.feed[end]()
      expect(source.services.clock.timers).toBe(0)
      source.feed.barrier(5, positions(0, 1, 2))
      expect(source.services.clock.timers).toBe(0)
    }
    const silent = fed(idling, 1)
    silent.services.clock.advance(10)
    silent.feed.stop()
    silent.feed.barrier(5, positions(0, 1))
    expect([silent.picture(), silent.services.clock.timers]).toEqual(['R---------I', 0])
  })

  it('does not become so while the source waits for the sinks', async () => {
    const source = fed(idling, 2)
    source.play(' 5-----', ' 7-----')
    const { clock } = source.services
    const timers = clock.advanceAsync(20).then(() => clock.timers)
    await source.feed.waits(timers.then(() => undefined))
    // No need to look until it is over.
    expect([await timers, clock.timers]).toEqual([0, 1])
    expect(source.picture()).toBe('R(57e)')
    source.play('----', '----')
    expect(source.picture()).toBe('R(57e)')
    source.play('-', '-')
    expect(source.picture()).toBe(`${'R(57e)'.padEnd(31, '-')}(gI)`)
  })
})
