/**
 * A simulated bucket, for schedules of seeds of their own, so that all others are what they were. Its clients are the real s3Storage of
 * each process, on a connection that loses requests and answers, delivers them late, and repeats them as the client of S3 does:
 *
 *   put ---lost                     the client asks again: stored
 *   put --------> stored ---lost    the client asks again: 412, of its own making
 *   put ---late......, again: stored ......the first one arrives: 412, and nobody hears it
 *
 * Now and then the whole bucket is away for a while.
 */
import type { S3Client } from '@aws-sdk/client-s3'
import type { Agenda } from '../core/agenda.ts'
import type { Process } from '../core/process.ts'
import { type Random, seededRandom } from '../core/random.ts'
import type { Rxweft } from '../core/rxweft.ts'
import type { Trace } from '../core/trace.ts'
import type { Disk, DiskRates } from '../storage.ts'
import { objects, refusal } from './objects.ts'
import { isConditional, requestOf, type SentRequest } from './requests.ts'

export interface BucketConfig {
  /** Whether the server keeps to If-None-Match. Snapshots do not rest on it. */
  readonly exclusive: boolean
  readonly partBytes: number
  /** How often a request meets a fault, while it is not calm. */
  readonly faults: number
  /** When the bucket is away, from and to, ms from the start. */
  readonly away: readonly (readonly [number, number])[]
}

export const bucketSeeds = 400_000_000
export const bucketSeedsEnd = 500_000_000
/** Requests that get no answer in this time are sent again, ms, and how often. */
const patience = 300
const tries = 3

/** @param horizon how long faults go on, ms */
export function bucketOf(seed: number, horizon: number): BucketConfig {
  const random = seededRandom(seed - bucketSeeds + 1)
  const away = Array.from({ length: random.between(0, 2) }, () => {
    const from = random.below(horizon)
    return [from, random.between(from, horizon)] as const
  })
  return {
    exclusive: random.chance(0.8),
    partBytes: random.pick([100, 400, 8 * 1024 * 1024]),
    faults: random.pick([0.02, 0.1, 0.3]),
    away,
  }
}

const fates = ['lose request', 'lose answer', 'late', 'late', '409', '500', '503', 'cut'] as const
type Fate = (typeof fates)[number] | 'fine'

export function bucket(
  rxweft: Rxweft,
  agenda: Agenda,
  random: Random,
  trace: Trace,
  { exclusive, partBytes, faults, away }: BucketConfig,
  inline: number,
): Disk {
  const rates: DiskRates = { fail: faults, slow: 0, torn: 0, lost: 0 }
  const listeners = new Set<() => boolean>()
  const kept = objects(exclusive, () => {
    for (const listener of listeners) if (listener()) listeners.delete(listener)
  })
  const began = agenda.now()
  let calm = false
  const isAway = (): boolean =>
    !calm && away.some(([from, to]) => began + from <= agenda.now() && agenda.now() < began + to)
  const latency = (): number => (random.chance(rates.slow) ? random.between(50, 2_000) : random.between(1, 8))

  function fateOf(request: SentRequest): Fate {
    if (isAway()) return random.chance(0.5) ? 'lose request' : '503'
    const fate = random.chance(rates.fail) ? random.pick(fates) : 'fine'
    return fate === '409' && !isConditional(request) ? '503' : fate
  }

  /** A request once on its way, and what it comes to. */
  function once(process: Process, request: SentRequest): Promise<object> {
    const fate = fateOf(request)
    const { kind, input } = request
    if (fate !== 'fine') trace.note(() => `${process.name}: ${kind} ${input.Key ?? ''}: ${fate}`)
    const answered = new Promise<object>((resolve, reject) => {
      const answer = (delay: number, settle: () => void): void =>
        void agenda.after(delay, () => process.receive(settle))
      const timeOut = (): void => reject(Object.assign(new Error('no answer'), { name: 'TimeoutError' }))
      const fail = (status: number, name: string) => answer(latency(), () => reject(refusal(status, name)))
      function arrive(heard: boolean): void {
        try {
          const given = kept.answer(request)
          if (heard) answer(latency(), () => resolve(given))
        } catch (thrown) {
          if (heard)
            answer(latency(), () =>
              reject(isTaken(thrown) && random.chance(0.2) ? refusal(304, 'NotModified') : thrown),
            )
        }
      }
      process.send(() => {
        if (fate === '409') return fail(409, 'ConditionalRequestConflict')
        if (fate === '503') return fail(503, 'SlowDown')
        const heard = fate === 'fine' || fate === 'cut'
        if (fate !== 'lose request')
          agenda.after(fate === 'late' ? random.between(20, 1_500) : latency(), () => arrive(heard))
        if (fate === '500') fail(500, 'InternalError')
        else if (!heard) answer(patience, timeOut)
      })
    })
    return answered.then((given) => {
      return 'bytes' in given ? { Body: bodyOf(given.bytes as Uint8Array, fate === 'cut') } : given
    })
  }

  async function send(process: Process, request: SentRequest): Promise<object> {
    for (let tried = 1; ; tried++) {
      try {
        return await once(process, request)
      } catch (thrown) {
        const status = (thrown as { readonly $metadata?: { readonly httpStatusCode: number } }).$metadata
          ?.httpStatusCode
        if (tried === tries || (status !== undefined && status < 500)) throw thrown
      }
    }
  }

  return {
    ...{ rates, files: kept.files, archive: kept.archive, syncTime: () => 0 },
    storageFor(process) {
      const client = { send: (command: object) => send(process, requestOf(command)) } as unknown as Pick<
        S3Client,
        'send'
      >
      const { bucketStorage } = rxweft['s3/bucketStorage']
      return { ...bucketStorage(client, { bucket: 'simulated' }, { clock: process.clock, partBytes }), inline }
    },
    onWritten: (listener) => void listeners.add(listener),
    // Elsewhere, there is power.
    powerCut: () => undefined,
    heal() {
      calm = true
    },
  }
}

const isTaken = (thrown: unknown): boolean => (thrown as Error).name === 'PreconditionFailed'

async function* bodyOf(bytes: Uint8Array, cut: boolean): AsyncGenerator<Uint8Array> {
  const half = bytes.length >> 1
  yield bytes.subarray(0, half)
  if (cut) throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' })
  yield bytes.subarray(half)
}
