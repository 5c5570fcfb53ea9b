/**
 * Messages between a shard's thread and the main thread. An Error would lose its class and fields
 * on the way, so it travels as a plain object and is made anew.
 */
import type { Plan } from '../../contracts/plan.ts'
import { type Consequence, RxweftError, toError, type Where } from '../../errors.ts'
import { CorruptedError, FatalError, FencedError, RetriableError } from '../../openErrors.ts'
import type { JobEvent } from '../events.ts'
import type { JobResult } from '../jobHandle.ts'

/** Way in which a job, or a shard, must end. */
export type Order = 'stop' | 'leave' | 'cancel'

/** From the main thread: the shard may run by this plan; how it must end; its thread must exit. */
export type Word = { readonly go: Plan } | 'stop' | 'cancel' | 'exit'

/** From a shard. */
export type Report =
  /** The program has called `execute`. */
  | { readonly type: 'running' }
  | { readonly type: 'event'; readonly event: WireEvent }
  /** The program asks to end the whole job. */
  | { readonly type: 'ask'; readonly what: Order }
  | { readonly type: 'ended'; readonly result: JobResult }
  | { readonly type: 'failed'; readonly error: WireError }

/** Event whose error, if any, is a plain object. */
export type WireEvent = { readonly [name: string]: unknown } & { readonly type: JobEvent['type'] }

export interface WireError {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  readonly cause?: WireError | undefined
  /** Fields of an RxweftError. */
  readonly rxweft?: {
    readonly consequence: Consequence
    readonly code: string
    readonly what: string
    readonly where: Where
    readonly hint: string | undefined
    readonly badRecord: boolean
  }
}

export function packError(thrown: unknown): WireError {
  const error = toError(thrown)
  const { name, message, stack, cause } = error
  const plain = { name, message, stack, ...(cause === undefined ? {} : { cause: packError(cause) }) }
  if (!(error instanceof RxweftError)) return plain
  const { consequence, code, what, where, hint, badRecord } = error
  return { ...plain, rxweft: { consequence, code, what, where, hint, badRecord } }
}

export function unpackError({ name, message, stack, cause, rxweft }: WireError): Error {
  const caused = cause === undefined ? {} : { cause: unpackError(cause) }
  const error = rxweft === undefined ? Object.assign(new Error(message, caused), { name }) : remade(rxweft, caused)
  if (stack !== undefined) error.stack = stack
  return error
}

const kinds = { retriable: RetriableError, fenced: FencedError, corrupted: CorruptedError, fatal: FatalError }

function remade(
  { consequence, code, what, where, hint, badRecord }: NonNullable<WireError['rxweft']>,
  caused: { readonly cause?: Error },
): RxweftError {
  const Kind = kinds[consequence]
  return new Kind(code, what, { where, badRecord, ...(hint === undefined ? {} : { hint }), ...caused })
}

export function packEvent(event: JobEvent): WireEvent {
  return 'error' in event ? { ...event, error: packError(event.error) } : { ...event }
}

export function unpackEvent(event: WireEvent): JobEvent {
  const whole = 'error' in event ? { ...event, error: unpackError(event.error as WireError) } : event
  return whole as unknown as JobEvent
}
