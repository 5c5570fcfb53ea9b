/**
 * Services of one attempt for the parts of its pipeline (AttemptContext). All that it opened is
 * closed at its end.
 */
import type { AttemptContext, Clock, Resource } from '../attempt.ts'
import type { Credits } from '../backPressure.ts'
import type { CheckpointSettings } from '../checkpoint/settings.ts'
import { deadline } from '../clock.ts'
import type { Plan } from '../contracts/plan.ts'
import { firstSlots } from '../contracts/slotTable.ts'
import { createCredits } from '../credits.ts'
import { deferred } from '../deferred.ts'
import { FatalError } from '../errors.ts'
import type { Meter } from '../meter.ts'
import { calling, partFailed, partName } from '../partFailed.ts'
import { barrierWatch } from './barrierWatch.ts'
import type { JobChange } from './change/jobChange.ts'

export interface Closable {
  close(): Promise<void>
}

export interface AttemptIdentity {
  readonly job: string
  readonly shard: number
  readonly shards: number
  /** Plan under which the shard runs; undefined: the job has none. */
  readonly plan?: Plan | undefined
  readonly execution: string
  readonly attempt: string
  readonly allowDroppedState: AttemptContext['allowDroppedState']
  /** What this version of the job says about the checkpoint of an older one. Default: nothing. */
  readonly change?: JobChange | undefined
  readonly provesState?: boolean
}

export interface OwnedAttempt extends AttemptContext {
  readonly plan?: Plan | undefined
  readonly change?: JobChange | undefined
  /** Opens a resource once. `opened` finds it afterwards, by itself or by `as`. */
  openResource<W extends Closable>(resource: Resource<W>, as?: Resource<W>): Promise<W>
  /** True if any part has asked for this opened resource. */
  isUsed(resource: object): boolean
  /**
   * Closes everything opened or shared, latest first. Never rejects: the attempt is over, and its
   * first error counts.
   */
  closeAll(): Promise<void>
}

/**
 * Time that a part may take to close, ms. A part that takes longer is left to itself, so that
 * `cancel()` and the next attempt do not wait for ever.
 */
const longestClose = 30_000

/**
 * Approximate time that a barrier waits for the records before it, in each stage that holds any,
 * ms.
 */
const longestQueue = 1_000

/**
 * @param timedOut whether the last checkpoint took too long. Records that passed in a second may
 *   take an hour once a service is slow; then no record waits for its turn until a barrier has
 *   passed, otherwise the same records might precede it in every attempt
 * @param sinkMeter counts the time for which sources wait for the sinks
 */
export function attemptContext(
  identity: AttemptIdentity,
  settings: CheckpointSettings,
  services: Pick<
    AttemptContext,
    'clock' | 'probe' | 'signal' | 'badRecords' | 'fail' | 'tell' | 'readsInPart' | 'meters'
  >,
  timedOut: () => boolean = () => false,
  sinkMeter?: Meter,
): OwnedAttempt {
  const opened = new Map<object, unknown>()
  const used = new Set<object>()
  const shared = new Map<object, unknown>()
  const closables: { readonly part: string; readonly closable: Closable }[] = []
  const now = (): number => services.clock.monotonic()
  const pacing = {
    now,
    queue: () => (timedOut() ? 0 : Math.min(longestQueue, settings.timeout / 4)),
    patience: settings.timeout / 2,
  }
  const credits: Credits = createCredits(pacing, sinkMeter)

  const context: OwnedAttempt = {
    ...identity,
    slots: identity.plan?.slots ?? firstSlots(identity.shards),
    planned: identity.plan !== undefined,
    mode: settings.mode,
    longestTransaction: Math.max(settings.interval, settings.minPause) + settings.timeout,
    clock: services.clock,
    probe: services.probe,
    signal: services.signal,
    fail: services.fail,
    tell: services.tell,
    badRecords: services.badRecords,
    readsInPart: services.readsInPart,
    credits,
    meters: services.meters,
    barriers: barrierWatch(now),
    opened<W>(resource: Resource<W>): W {
      if (!opened.has(resource))
        throw new FatalError('NOT_OPENED', 'a source or sink was used that this attempt has not opened')
      used.add(resource)
      return opened.get(resource) as W
    },
    share<T>(key: object, create: () => T): T {
      if (!shared.has(key)) {
        const created = create()
        shared.set(key, created)
        if (isClosable(created)) closables.push({ part: 'a part that several share', closable: created })
      }
      return shared.get(key) as T
    },
    isUsed: (resource) => used.has(resource),
    async openResource<W extends Closable>(resource: Resource<W>, as = resource): Promise<W> {
      const fail = (thrown: unknown): void => services.fail?.(partFailed(as, 'a task', thrown))
      const result = await calling(as, 'open', () => resource.open({ ...context, fail }))
      opened.set(as, result)
      closables.push({ part: partName(as), closable: result })
      if (services.signal.aborted) await context.closeAll()
      services.signal.throwIfAborted()
      return result
    },
    async closeAll() {
      for (const { part, closable } of closables.splice(0).reverse()) {
        if (!(await closed(closable, services.clock)))
          services.tell({ type: 'close-slow', part, duration: longestClose })
      }
    },
  }
  return context
}

/**
 * Closes a part. Whatever its `close` does, the others are closed, too, and the attempt ends with
 * its original error. Resolves with false if it took too long.
 */
async function closed(closable: Closable, clock: Clock): Promise<boolean> {
  const late = deferred<boolean>()
  const inTime = deadline(clock, longestClose, () => late.resolve(false))
  // An error comes too late to matter. Called in a function, since it may throw at once.
  const close = async () => closable.close()
  const done = close().then(
    () => true,
    () => true,
  )
  const closedInTime = await Promise.race([done, late.promise])
  inTime()
  return closedInTime
}

function isClosable(value: unknown): value is Closable {
  return typeof value === 'object' && value !== null && 'close' in value && typeof value.close === 'function'
}
