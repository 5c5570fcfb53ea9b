import type { Observable, Observer } from 'rxjs'
import type { BarrierWatch } from '../backPressure.ts'
import type { Barrier } from '../element.ts'
import { FatalError, RetriableError, type RxweftError, toRxweftError } from '../errors.ts'
import { required, withMethods } from '../optionRules.ts'
import { checkOptions } from '../options.ts'
import type { CheckpointId, Json } from '../record.ts'
import type { Committable, SinkWriter, TransactionalSink } from '../sinks/sink.ts'
import type { Output, Stream } from '../stream.ts'
import { type Here, restored } from './engine/here.ts'
import { asyncFunction } from './engine/notAsync.ts'
import { operateLast, type Step } from './engine/operate.ts'
import { type OperatorOptions, ownPolicy } from './engine/operatorOptions.ts'
import { releaseInOrder } from './engine/releaseInOrder.ts'

const aSink = required(withMethods('a sink, such as kafkaSink(...)', ['open']))

/**
 * Ends a pipeline: writes every record to the sink, and prepares the sink at each barrier.
 *
 *     R--a--b--1--c--2--|
 *     to(sink)                write(a), write(b), prepare(1), write(c), prepare(2)
 *     ----------1------2|     Committables, in the order of checkpoints, however long each takes
 *
 * `onError` applies to records that the sink refuses. An RxweftError of the sink is kept.
 *
 * @throws OPERATOR_FAILED if `write` throws anything else
 * @throws PREPARE_FAILED (Retriable) if `prepare` rejects with anything else
 */
export function to<T>(sink: TransactionalSink<T>, options: OperatorOptions = {}): (source: Stream<T>) => Output {
  checkOptions('to', { sink }, { sink: aSink })
  const onError = ownPolicy('to', options)
  const written = operateLast<T, Committable>(sink.id, (out, here) => write(sink, out, here), onError)
  return (source) => Object.assign(written(source), { sink })
}

/**
 * Checks that a branch ends in a sink: JavaScript may return anything.
 *
 * @throws NOT_AN_OUTPUT if the observable does not end in `to(sink)`
 */
export function asOutput(pipeline: Observable<Committable>): Output {
  if ('sink' in pipeline) return pipeline as Output
  throw new FatalError('NOT_AN_OUTPUT', 'the pipeline does not end in to(sink)', {
    hint: 'Make to(sink) the last operator in pipe(), and return the result of pipe()',
  })
}

/** Step that writes to a sink and prepares it at each barrier. */
export function write<T>(sink: TransactionalSink<T>, out: Observer<Committable>, here: Here): Step<T> {
  const prepared = releaseInOrder<Committable>(true, (committable) => out.next(committable))
  let writer: SinkWriter<T> | undefined
  let passed: ((checkpoint: CheckpointId) => void) | undefined
  let barriers: BarrierWatch | undefined
  let completed = false

  return {
    restore(restore) {
      const opened: SinkWriter<T> = restore.services.opened(sink)
      writer = opened
      barriers = restore.services.barriers
      passed = passing(opened, here)
    },
    record(record) {
      const { value } = record
      if (value instanceof Promise) throw asyncFunction(sink.id, value, 'an operator before the sink emitted a promise')
      if (barriers !== undefined && !barriers.written) barriers.written = true
      const written: unknown = restored(sink.id, writer).write(record)
      // TypeScript lets an async function pass for one that returns nothing.
      if (written !== undefined && written instanceof Promise) throw asyncWrite(sink.id, written)
    },
    barrier(barrier) {
      const place = prepared.reserve()
      const left = barriers?.hold(sink.id, barrier.checkpoint, () => 'the sink has not flushed what came before it')
      const opened = restored(sink.id, writer)
      // Called at once, and what it throws at once means the same as a rejection.
      const prepare = async () => opened.prepare(barrier.checkpoint)
      prepare().then(
        (handle) => {
          left?.()
          prepared.settle(place, committable(barrier, sink.id, handle))
          if (completed && prepared.empty) out.complete()
        },
        (thrown) => out.error(explained(thrown, sink.id, barrier.checkpoint)),
      )
      passed?.(barrier.checkpoint)
    },
    complete() {
      completed = true
      if (prepared.empty) out.complete()
    },
  }
}

/**
 * Tells when a barrier has passed: at once, or when the writer knows whether it refuses any record
 * before it.
 */
function passing({ late }: SinkWriter<never>, here: Here): (checkpoint: CheckpointId) => void {
  const { passed } = here.services.badRecords
  const first = here.checkpoint
  if (late === undefined) return passed
  let known = 0
  late.onRefused((record, thrown, barriers = known) => here.refuse(record, thrown, first + barriers))
  return (checkpoint) =>
    late.whenKnown(() => {
      known += 1
      passed(checkpoint)
    })
}

/**
 * Error of a `write` that returns a promise: its rejection would be lost, and the record with it.
 */
function asyncWrite(operator: string, written: Promise<unknown>): FatalError {
  written.catch(() => undefined)
  return new FatalError('ASYNC_WRITE', 'write of the sink is async, and a barrier would not wait for it', {
    where: { operator },
    hint: 'Let write keep the record and return, and let prepare wait until what was kept is safe',
  })
}

function committable(barrier: Barrier, sink: string, handle: Json): Committable {
  const { checkpoint, positions, states } = barrier
  return { kind: 'committable', checkpoint, sink, handle, positions, states }
}

function explained(thrown: unknown, sink: string, checkpoint: number): RxweftError {
  return toRxweftError(
    thrown,
    (cause) =>
      new RetriableError('PREPARE_FAILED', `${sink} could not prepare the checkpoint: ${cause.message}`, {
        where: { operator: sink, checkpoint },
        hint: 'Nothing of this checkpoint was committed. The restart strategy decides about the next attempt',
        cause,
      }),
  )
}
