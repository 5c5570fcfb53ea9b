/** State that follows its keys without a repartition topic: by a source declared `keyed`, through a window and its late records. */
import { describe, expect, it } from 'vitest'
import type { EmbeddedLog } from '../../../src/embedded/embeddedLog.ts'
import { embeddedSink } from '../../../src/embedded/embeddedSink.ts'
import { embeddedSource } from '../../../src/embedded/embeddedSource.ts'
import { defineJob, type Job } from '../../../src/job/defineJob.ts'
import { map } from '../../../src/operators/map.ts'
import { scan } from '../../../src/operators/scan.ts'
import { sideOutput } from '../../../src/operators/sideOutput.ts'
import { to } from '../../../src/operators/to.ts'
import { window } from '../../../src/operators/window.ts'
import { text } from '../../../src/serde/text.ts'
import { partitionOfKey } from '../../../src/sinks/partitioner.ts'
import type { Stream } from '../../../src/stream.ts'
import { virtualClock } from '../../../src/testing/virtualClock.ts'
import { monotonousTimestamps } from '../../../src/time/watermarks.ts'
import { tumbling } from '../../../src/time/windows.ts'
import { temporaryLog, valuesOf } from '../../embedded/temporaryLog.ts'
import { spread, storageOf, until } from '../shards/spread.ts'

const partitions = 4
const keys = ['ann', 'bob', 'cid', 'dan', 'eve', 'fay', 'gus', 'hal']
const place = (key: string) => partitionOfKey(Buffer.from(key), partitions)

/** Windows of ten ms, and how many records of each key were late, counted without another `keyBy`. */
function counting(log: EmbeddedLog): Job {
  return defineJob('counting', ({ from }) => {
    const late = sideOutput<string, string>()
    const source = embeddedSource(log, { topic: 'in', value: text, key: text, keyed: true })
    const byKey = from(source, monotonousTimestamps()) as Stream<string, string>
    const sink = (topic: string) => to(embeddedSink<string>(log, { topic, value: text }))
    return [
      byKey.pipe(
        window(tumbling(10), { late }).process((values, { key, window }) => `${key} ${window.start} ${values.length}`, {
          id: 'windows',
        }),
        sink('out'),
      ),
      late.pipe(
        scan((count: number) => count + 1, 0, { id: 'late' }),
        map((count, { key }) => `${key} late ${count}`),
        sink('late'),
      ),
    ]
  })
}

describe('a source declared keyed', { timeout: 60_000 }, () => {
  it('gives each key its slot, so that windows and counts of late records move with it', async () => {
    const log = await temporaryLog({ in: partitions, out: partitions, late: partitions })
    const [clock, storage] = [virtualClock(), await storageOf()]
    const all = (topic: string) => Array.from({ length: partitions }, (_, at) => valuesOf(log, topic, at)).flat()
    const rounds = [2, 3, 1, 4]
    for (const [round, shards] of rounds.entries()) {
      const running = spread(counting(log), {
        clock,
        storage,
        shards,
        rescale: 'at-start',
        checkpointing: { interval: 100 },
      })
      const feed = (timestamp: number) =>
        log.append(
          'in',
          keys.map((key) => ({ key, value: 'x', timestamp, partition: place(key) })),
        )
      // The window of the round before is still open; its second record comes after the move.
      if (round > 0) await feed(10 * round - 1)
      await feed(10 * round + 1)
      await feed(10 * round - 5)
      await until(clock, () => running.ended() !== undefined || all('late').length >= (round + 1) * keys.length)
      expect(running.ended()).toBeUndefined()
      await running.handle.stop()
    }
    expect(all('late').toSorted()).toEqual(
      keys.flatMap((key) => rounds.map((_, round) => `${key} late ${round + 1}`)).toSorted(),
    )
    const closed = rounds.slice(1).flatMap((_, round) => keys.map((key) => `${key} ${10 * round} 2`))
    expect(all('out').toSorted()).toEqual(closed.toSorted())
  })
})
