import { defer, finalize, type Observable, type Observer, Subject, Subscription } from 'rxjs'
import type { StreamElement } from '../element.ts'
import { FatalError } from '../errors.ts'
import { nonEmptyText } from '../optionRules.ts'
import { checkOptions } from '../options.ts'
import type { CheckpointId } from '../record.ts'
import { asStream, type ElementOf, type Stream } from '../stream.ts'
import { type MarbleEvent, type MarbleOptions, type Marbles, marbleRules, parsed } from './marbles.ts'
import { type Drawable, render } from './render.ts'
import { type TestServices, testServices } from './testServices.ts'
import { snapshotCollector, type TestSnapshot } from './testStates.ts'
import { settle } from './virtualClock.ts'

/** Options of `run` and `runInTime`. */
export interface RunOptions extends MarbleOptions {
  /** Services for the pipeline. Default `testServices()`. */
  readonly services?: TestServices
  /**
   * Picture with one `!`: the output is unsubscribed at the beginning of that frame. Default:
   * never.
   */
  readonly unsubscribe?: string
}

/** Result of a run. */
export interface Run<E> {
  /** Output as a picture. */
  readonly marbles: string
  /** Output as a list. */
  readonly elements: readonly E[]
  /** Error of the output; undefined if there was none. */
  readonly error: unknown
  /** Pictures of the subscriptions to inputs, from `^` to `!`, one each, in order. */
  readonly subscriptions: readonly string[]
  /**
   * Returns what the barrier of this checkpoint gathered, for `restoreFrom`.
   *
   * @throws NO_SUCH_CHECKPOINT if no such barrier has left the pipeline
   */
  snapshot(checkpoint: CheckpointId): TestSnapshot
}

/** Pipeline under test. Each picture becomes a hot stream; all play in step. */
export type MarblePipeline<T, E> = (...inputs: Stream<T>[]) => Observable<E>
/** A picture with records as JSON. */
type JsonPicture = `${string}<${string}`
type WithValues<T> = RunOptions & { readonly values: Readonly<Record<string, T | StreamElement<never>>> }

/** Number of frames that `runInTime` plays after the pictures have ended, while timers are set. */
const longestSilence = 10_000

/**
 * Runs a pipeline on marble pictures and draws its output. For synchronous pipelines.
 *
 * ```ts
 * expect(run(map((line) => line.toUpperCase()), 'R-a-b-1-c-|').marbles)
 *                                          .toBe('R-A-B-1-C-|')
 * ```
 *
 * Needs no broker, no real time and no test runner. A pipeline of several inputs, such as `merge`,
 * takes an array of pictures. State passes from one run to another as over a restart:
 *
 * ```ts
 * const before = run(counting, 'R-a-a-1-a-')
 * run(counting, 'R-a---|', { restoreFrom: before.snapshot(1) }).marbles // 'R-<3>-|'
 * ```
 *
 * Without `values`, the records are their letters; see `parse` for other marbles. Event timers fire
 * at watermarks. The clock stands still, so processing timers do not fire; see `runInTime`.
 *
 * @throws BAD_MARBLES if a picture is wrong
 */
export function run<O extends Observable<Drawable>>(
  pipeline: (...inputs: Stream<string>[]) => O,
  pictures: string | readonly string[],
  options?: RunOptions & { readonly values?: Readonly<Record<string, string | StreamElement<never>>> },
): Run<ElementOf<O>>
/**
 * Runs a pipeline of any values on marble pictures whose records are JSON, and draws its output.
 *
 *     run(totals, 'R-<3>-<4>-1-|')
 *
 * @throws BAD_MARBLES if a picture is wrong
 */
export function run<T, O extends Observable<Drawable>>(
  pipeline: (...inputs: Stream<T>[]) => O,
  pictures: JsonPicture | readonly JsonPicture[],
  options?: RunOptions & { readonly values?: never },
): Run<ElementOf<O>>
/**
 * Runs a pipeline on marble pictures whose letters stand for `values`, and draws its output.
 *
 * @throws BAD_MARBLES if a picture is wrong
 */
export function run<T, O extends Observable<Drawable>>(
  pipeline: (...inputs: Stream<T>[]) => O,
  pictures: string | readonly string[],
  options: WithValues<T>,
): Run<ElementOf<O>>
export function run<T, E extends Drawable>(
  pipeline: MarblePipeline<T, E>,
  pictures: string | readonly string[],
  options: RunOptions = {},
): Run<E> {
  const stage = setUp(pipeline, pictures, options)
  for (let frame = 0; frame < stage.frames; frame++) stage.play(frame)
  return stage.result(stage.frames)
}

/**
 * Runs a pipeline that awaits promises or timers, on marble pictures: each frame is 1 ms of a
 * virtual clock.
 *
 * Promises settle in every frame, and processing timers fire, also those of `restoreFrom`. The
 * clock begins at 0, or at that of `services`.
 *
 * @throws BAD_MARBLES if a picture is wrong
 */
export function runInTime<O extends Observable<Drawable>>(
  pipeline: (...inputs: Stream<string>[]) => O,
  pictures: string | readonly string[],
  options?: RunOptions & { readonly values?: Readonly<Record<string, string | StreamElement<never>>> },
): Promise<Run<ElementOf<O>>>
/**
 * Runs a pipeline that waits on marble pictures whose records are JSON; a frame is 1 ms.
 *
 * @throws BAD_MARBLES if a picture is wrong
 */
export function runInTime<T, O extends Observable<Drawable>>(
  pipeline: (...inputs: Stream<T>[]) => O,
  pictures: JsonPicture | readonly JsonPicture[],
  options?: RunOptions & { readonly values?: never },
): Promise<Run<ElementOf<O>>>
/**
 * Runs a pipeline that waits on marble pictures whose letters stand for `values`; a frame is 1 ms.
 *
 * @throws BAD_MARBLES if a picture is wrong
 */
export function runInTime<T, O extends Observable<Drawable>>(
  pipeline: (...inputs: Stream<T>[]) => O,
  pictures: string | readonly string[],
  options: WithValues<T>,
): Promise<Run<ElementOf<O>>>
export async function runInTime<T, E extends Drawable>(
  pipeline: MarblePipeline<T, E>,
  pictures: string | readonly string[],
  options: RunOptions = {},
): Promise<Run<E>> {
  const services = options.services ?? testServices({ restoreFrom: options.restoreFrom })
  const stage = setUp(pipeline, pictures, { ...options, services })
  let frame = 0
  const waits = () => services.clock.timers > 0 && frame < stage.frames + longestSilence
  for (; frame < stage.frames || waits(); frame++) {
    stage.play(frame)
    await settle()
    stage.enter(frame + 1)
    await services.clock.advanceAsync(1)
  }
  return stage.result(stage.frames)
}

function setUp<T, E extends Drawable>(
  pipeline: MarblePipeline<T, E>,
  pictures: string | readonly string[],
  options: RunOptions,
) {
  checkOptions<RunOptions>('run', options, { ...marbleRules, unsubscribe: nonEmptyText })
  const { restoreFrom } = options
  const services = options.services ?? testServices({ restoreFrom })
  const snapshots = snapshotCollector(restoreFrom)
  const inputs = [pictures].flat().map((picture, partition) => ({
    marbles: parsed<T>(picture, { split: { topic: 'marbles', partition }, ...options, services }),
    elements: new Subject<StreamElement<T>>(),
  }))
  const end = (options.unsubscribe ?? '').replaceAll(' ', '').indexOf('!')
  const events: MarbleEvent<E>[] = []
  const subscriptions: { from: number; to?: number }[] = []
  let now = 0

  const watched = (source: Observable<StreamElement<T>>): Stream<T> =>
    asStream(
      defer(() => {
        const seen: { from: number; to?: number } = { from: now }
        subscriptions.push(seen)
        return source.pipe(
          finalize(() => {
            seen.to = now
          }),
        )
      }),
    )
  const note = (notification: MarbleEvent<E>['notification']) => void events.push({ frame: now, notification })
  const subscription = new Subscription()
  const output = pipeline(...inputs.map(({ elements }) => watched(elements)))
  const observer: Partial<Observer<E>> = {
    next(value) {
      note({ kind: 'N', value })
      if (value.kind !== 'barrier' && value.kind !== 'committable') return
      try {
        snapshots.add(value.checkpoint, value.states)
      } catch (error) {
        // State that does not encode ends a job, too.
        note({ kind: 'E', error })
        subscription.unsubscribe()
      }
    },
    error: (error: unknown) => note({ kind: 'E', error }),
    complete: () => note({ kind: 'C' }),
  }
  subscription.add(output.subscribe(observer))

  return {
    frames: Math.max(end + 1, ...inputs.map(({ marbles }) => marbles.frames)),
    enter(frame: number) {
      now = frame
    },
    play(frame: number) {
      now = frame
      if (frame === end) subscription.unsubscribe()
      for (const { marbles, elements } of inputs) emitFrame(marbles, frame, elements)
    },
    result(frames: number): Run<E> {
      return {
        marbles: render(events, frames, options.values),
        elements: events.flatMap(({ notification }) => (notification.kind === 'N' ? [notification.value] : [])),
        error: events.flatMap(({ notification }) => (notification.kind === 'E' ? [notification.error] : []))[0],
        subscriptions: subscriptions.map(({ from, to }) => drawSubscription(from, to)),
        snapshot(checkpoint) {
          const found = snapshots.at(checkpoint)
          if (found === undefined) throw noSuchCheckpoint(checkpoint)
          return found
        },
      }
    },
  }
}

function noSuchCheckpoint(checkpoint: CheckpointId): FatalError {
  return new FatalError('NO_SUCH_CHECKPOINT', 'no barrier of this checkpoint left the pipeline', {
    where: { checkpoint },
  })
}

function emitFrame<E>({ events }: Marbles<E>, frame: number, elements: Subject<E>): void {
  for (const event of events) {
    if (event.frame !== frame) continue
    if (event.notification.kind === 'N') elements.next(event.notification.value)
    else if (event.notification.kind === 'E') elements.error(event.notification.error)
    else elements.complete()
  }
}

function drawSubscription(from: number, to: number | undefined): string {
  const begun = `${'-'.repeat(from)}^`
  if (to === undefined) return begun
  return to === from ? `${'-'.repeat(from)}(^!)` : `${begun.padEnd(to, '-')}!`
}
