import type { Observer } from 'rxjs'
import type { RepartitionSink, RepartitionWriter } from '../contracts/repartition.ts'
import type { Committable } from '../sinks/sink.ts'
import type { Output, Stream } from '../stream.ts'
import { dueMarkers } from '../time/dueMarkers.ts'
import type { Here } from './engine/here.ts'
import { operateLast, type Step } from './engine/operate.ts'
import { write } from './to.ts'

/** As `to`, for a repartition topic: watermarks go into the topic, too, as markers. */
export function toRepartition<T>(sink: RepartitionSink<T>): (source: Stream<T>) => Output {
  const written = operateLast<T, Committable>(sink.id, (out, here) => marking(sink, out, here))
  return (source) => Object.assign(written(source), { sink })
}

function marking<T>(sink: RepartitionSink<T>, out: Observer<Committable>, here: Here): Step<T> {
  const step = write(sink, out, here)
  const markers = dueMarkers()
  /** A marker is to be written, so the next checkpoint must not be skipped. */
  const happened = (): void => {
    here.services.barriers.written = true
  }
  return {
    ...step,
    record(record) {
      markers.active()
      step.record(record)
    },
    watermark({ timestamp }) {
      markers.watermark(timestamp)
      happened()
    },
    idle() {
      markers.idle()
      happened()
    },
    barrier(barrier) {
      const time = markers.due(here.services.clock.monotonic())
      // Behind the records of this checkpoint, and in it. Under `testJob` the sink is a list.
      if (time !== null) (here.services.opened(sink) as Partial<RepartitionWriter<T>>).mark?.(time)
      if (markers.pending) happened()
      step.barrier?.(barrier)
    },
  }
}
