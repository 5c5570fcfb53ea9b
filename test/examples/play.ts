/**
 * Plays pictures into the sources of a job with `testJob`, and draws what it writes into its sinks: the whole job with its event time, no log, and
 * no waiting.
 *
 *   play(({ source, sink }) => wordCount(source('lines'), sink('counts')), { lines: 'R-a-1-b-R-|' }, values)
 *
 * A frame is a millisecond of the clock, and the timestamp of its records. Digits are checkpoints of the whole job, whichever picture has them; an R
 * that is not the first is a crash: what came after the last checkpoint is read again, and what it leads to is drawn again; | is the end of a source.
 */
import { type Job, memorySink, memorySource, type Source, type StreamElement, type TransactionalSink } from 'rxweft'
import {
  type Drawable,
  type JobTest,
  type MarbleEvent,
  parse,
  render,
  settle,
  testJob,
  type VirtualClock,
  virtualClock,
} from 'rxweft/testing'

export interface PlayedEnds {
  source<T>(name: string): Source<T>
  sink<T>(name: string): TransactionalSink<T>
  /** For functions that take time. */
  readonly clock: VirtualClock
}

type Values = Readonly<Record<string, unknown>>
type Drawn = Map<string, MarbleEvent<Drawable>[]>

/** @param values what letters stand for, in sources and sinks. @returns a picture for each sink: its records, and checkpoints */
export async function play(
  job: (ends: PlayedEnds) => Job,
  pictures: Readonly<Record<string, string>>,
  values: Values,
): Promise<Readonly<Record<string, string>>> {
  const clock = virtualClock()
  const drawn: Drawn = new Map()
  const source = <T>(id: string) => memorySource<T>({ id, partitions: [[]], unbounded: true })
  const sink = <T>(id: string) => {
    drawn.set(id, [])
    return memorySink<T>({ id })
  }
  const test = testJob(job({ source, sink, clock }), { clock })
  const inputs = Object.entries(pictures).map(([name, picture]) => ({ name, ...parse(picture, { values }) }))
  const frames = Math.max(...inputs.map((input) => input.frames))
  for (let frame = 0; frame < frames; frame++) {
    for (const { name, events } of inputs) {
      for (const event of events) if (event.frame === frame) await give(test, name, event, drawn)
    }
    await settle()
    draw(test, frame, drawn)
    await test.advance(1)
  }
  return Object.fromEntries([...drawn].map(([id, events]) => [id, render(events, frames, values)]))
}

async function give(test: JobTest, name: string, event: MarbleEvent<StreamElement<unknown>>, drawn: Drawn) {
  const { frame, notification } = event
  if (notification.kind !== 'N') return test.source(name).end()
  const element = notification.value
  if (element.kind === 'record') test.source(name).push(element.value, { timestamp: element.timestamp })
  if (element.kind === 'restore' && frame > 0) await test.restore()
  if (element.kind === 'barrier') {
    draw(test, frame, drawn)
    await test.checkpoint()
    for (const events of drawn.values()) events.push({ frame, notification: { kind: 'N', value: element } })
  }
}

/** What has come since the last call. */
function draw(test: JobTest, frame: number, drawn: Drawn): void {
  for (const [id, events] of drawn) {
    for (const value of test.sink(id).drain()) {
      const record = { value, timestamp: frame, key: null, headers: [], split: { topic: id, partition: 0 }, offset: -1 }
      events.push({ frame, notification: { kind: 'N', value: { kind: 'record', ...record } } })
    }
  }
}
