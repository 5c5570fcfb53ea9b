/**
 * Feeds of a source without a reader, in virtual time, and what they emit as a picture. One picture comes in for each split: a digit is a
 * record with that timestamp. What comes out: digits are records, too, and the small letters watermarks, from a = 0 on.
 *
 *   in    3----5         a space is no frame: here it stands for that of the Restore
 *   out  R(3c)-(5e)      monotonousTimestamps()
 */

import type { Hold } from '../../src/contracts/source.ts'
import { idle, restore, type StreamElement, watermark } from '../../src/element.ts'
import { type Feed, feed } from '../../src/job/feed.ts'
import type { Json, Split, SplitOffset } from '../../src/record.ts'
import type { MarbleEvent } from '../../src/testing/marbles.ts'
import { render } from '../../src/testing/render.ts'
import { type TestServices, testServices } from '../../src/testing/testServices.ts'
import { type Alignment, alignment } from '../../src/time/alignment.ts'
import type { WatermarkStrategy } from '../../src/time/watermarks.ts'

export interface FedOptions {
  /** How many splits there are at the start; default: as many as pictures. */
  readonly splits?: number
  /** What the snapshot says of the source. */
  readonly state?: Json
  readonly services?: TestServices
  readonly groups?: Alignment
  readonly id?: string
  readonly hold?: Hold
}

export interface Fed {
  readonly feed: Feed
  readonly services: TestServices
  readonly elements: readonly StreamElement<unknown>[]
  /** Plays on: the first frame is the one after those that have been played. */
  play(...pictures: readonly string[]): void
  /** All that has been emitted but barriers, which would look like records; without the silence at the end. */
  picture(): string
}

const places = [0, 1, 2, 3, 4, 5].map((partition): Split => ({ topic: 't', partition }))

/** The same object each time: as a reader has it for all records of a split. */
export const place = (partition: number): Split => places[partition] as Split

/** What a reader of these partitions might answer. */
export const positions = (...partitions: readonly number[]): readonly SplitOffset[] =>
  partitions.map((partition) => ({ ...place(partition), offset: 0 }))

export function fed<T>(strategy: WatermarkStrategy<T>, splits: number, options: FedOptions = {}): Fed {
  const { services = testServices(), id = 'source', state, hold, groups = alignment() } = options
  const source = { id, maxInFlight: 1, open: () => Promise.reject(new Error('unused')) }
  const made = feed(source, strategy as WatermarkStrategy<unknown>, groups)
  const events: MarbleEvent<StreamElement<unknown>>[] = []
  const started = services.clock.now()
  let offset = 0

  made.elements.subscribe((value) => {
    events.push({ frame: services.clock.now() - started, notification: { kind: 'N', value } })
  })
  const states = new Map(state === undefined ? [] : [[id, state]])
  made.begin(
    restore(4, states, services),
    Array.from({ length: splits }, (_, partition) => place(partition)),
    hold,
  )

  return {
    feed: made,
    services,
    get elements() {
      return events.flatMap(({ notification }) => (notification.kind === 'N' ? [notification.value] : []))
    },
    play(...spaced) {
      const pictures = spaced.map((picture) => picture.replaceAll(' ', ''))
      const frames = Math.max(...pictures.map((picture) => picture.length))
      for (let frame = 0; frame < frames; frame++) {
        services.clock.advance(1)
        for (const [partition, picture] of pictures.entries()) {
          const marble = picture[frame] ?? '-'
          if (/\d/.test(marble)) made.emit(marble, Number(marble), null, [], place(partition), offset++)
        }
      }
    },
    picture() {
      const drawn = events.filter(
        ({ notification }) => notification.kind !== 'N' || notification.value.kind !== 'barrier',
      )
      return render(drawn, 0, values)
    },
  }
}

const letters = 'abcdefghij'
const values: Readonly<Record<string, unknown>> = Object.fromEntries([
  ...[...letters].map((letter, time) => [letter, watermark(time)]),
  ...[...letters].map((_, digit) => [String(digit), String(digit)]),
  ['I', idle],
  ['Z', watermark(Infinity)],
])
