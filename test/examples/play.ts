/**
 * Plays pictures into the sources of a job, and draws what comes into its sinks: the whole pipeline with its event time, no log, and no waiting.
 *
 *   play(({ source, sink }) => wordCount(source('lines'), sink('counts')), { lines: 'R-a-1-|' }, { values })
 *
 * A frame is a millisecond of the clock; letters are records, digits barriers, and | is the end of the input. What watermarks there are is decided by
 * the strategies of the job.
 */
import { Subscription } from 'rxjs'
import type { Job, Source, StreamElement, TransactionalSink } from 'rxweft'
import {
  type Drawable,
  type MarbleEvent,
  parse,
  render,
  settle,
  testServices,
  type VirtualClock,
  virtualClock,
} from 'rxweft/testing'
import { barrier } from '../../src/element.ts'
import { type Feed, feed } from '../../src/job/feed.ts'
import { alignment } from '../../src/time/alignment.ts'
import { noWatermarks } from '../../src/time/watermarks.ts'

export interface PlayedEnds {
  source<T>(name: string): Source<T>
  sink<T>(name: string): TransactionalSink<T>
  /** For functions that take time. */
  readonly clock: VirtualClock
}

/** @param values what letters stand for, in sources and sinks. @returns a picture for each sink: its records, and barriers */
export async function play(
  job: (ends: PlayedEnds) => Job,
  pictures: Readonly<Record<string, string>>,
  values: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, string>>> {
  const clock = virtualClock()
  const sinks = playedSinks(clock.now)
  const services = testServices({ clock, writers: sinks.writers })
  const feeds = new Map<string, Feed>()
  const groups = alignment()
  const { pipeline } = job({ source: (id) => ({ id, maxInFlight: Infinity, open: nobody }), sink: sinks.sink, clock })
  const outputs = pipeline({
    from<T>(source: Source<T>, strategy = noWatermarks()) {
      const fed = feed(source as Source<unknown>, strategy as never, groups)
      feeds.set(source.id, fed)
      return fed.elements as never
    },
  })
  let failure: unknown
  const subscription = new Subscription()
  for (const output of [outputs].flat()) {
    subscription.add(output.subscribe({ error: (error) => (failure = error) }))
  }
  const inputs = Object.entries(pictures).map(([topic, picture]) => ({
    fed: feeds.get(topic) as Feed,
    marbles: parse<unknown>(picture, { values, services, split: { topic, partition: 0 } }),
  }))
  const frames = Math.max(...inputs.map(({ marbles }) => marbles.frames))
  for (let frame = 0; frame < frames; frame++) {
    for (const { fed, marbles } of inputs) {
      for (const event of marbles.events) if (event.frame === frame) give(fed, event)
    }
    await settle()
    await clock.advanceAsync(1)
  }
  subscription.unsubscribe()
  if (failure !== undefined) throw failure
  return sinks.pictures(frames, values)
}

const nobody = () => Promise.reject(new Error('a played job opens nothing'))

function give(fed: Feed, { notification }: MarbleEvent<StreamElement<unknown>>): void {
  if (notification.kind !== 'N') return fed.exhausted()
  const element = notification.value
  if (element.kind === 'restore') fed.begin(element, [{ topic: fed.source.id, partition: 0 }])
  else if (element.kind === 'barrier') fed.barrier(element.checkpoint, [])
  else if (element.kind === 'record') {
    const { value, timestamp, key, headers, split, offset } = element
    fed.emit(value, timestamp, key, headers, split, offset)
  }
}

function playedSinks(now: () => number) {
  const written: Record<string, MarbleEvent<Drawable>[]> = {}
  const writers = new Map<object, unknown>()
  return {
    writers,
    sink<T>(id: string): TransactionalSink<T> {
      const sink = { id, guarantee: 'exactly-once', open: nobody } as const
      const events: MarbleEvent<Drawable>[] = []
      const note = (value: Drawable) => void events.push({ frame: now(), notification: { kind: 'N', value } })
      written[id] = events
      writers.set(sink, { write: note, prepare: async (checkpoint: number) => note(barrier(checkpoint)) })
      return sink
    },
    pictures: (frames: number, values: Readonly<Record<string, unknown>>) =>
      Object.fromEntries(Object.entries(written).map(([id, events]) => [id, render(events, frames, values)])),
  }
}
