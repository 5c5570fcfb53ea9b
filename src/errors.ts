/**
 * Errors are named by their consequence, because the job runner acts on it:
 *
 *     Retriable  the attempt ends and the restart strategy decides; nothing was lost
 *     Fenced     a newer run of the same job has taken over; this run ends and never restarts
 *     Corrupted  stored data cannot be trusted (damaged, foreign, newer); no restart, no guess
 *     Fatal      a restart cannot help (bad options, bad input, a throwing function); no restart
 */

import type { CodeOf, ErrorCode } from './errorCodes/errorCodes.ts'
import type { Consequence } from './errorCodes/row.ts'

export type { CodeOf, ErrorCode } from './errorCodes/errorCodes.ts'
export type { Consequence } from './errorCodes/row.ts'

/** Place of an error; only the parts that are known are set. */
export interface Where {
  /** Name of the job. Default: unknown. */
  readonly job?: string
  /** Number of the shard, from 0. Default: unknown. */
  readonly shard?: number
  /** Id of the operator, source or sink. Default: unknown. */
  readonly operator?: string
  /** Topic of the record or request. Default: unknown. */
  readonly topic?: string
  /** Partition of the topic. Default: unknown. */
  readonly partition?: number
  /** Offset of the record. Default: unknown. */
  readonly offset?: number
  /**
   * Last offset of a record batch that is bad as a whole; `offset` is the first. Default: unknown.
   */
  readonly lastOffset?: number
  /** Number of the checkpoint in progress. Default: unknown. */
  readonly checkpoint?: number
  /** Path of the file. Default: unknown. */
  readonly file?: string
  /** Address of the broker, as host:port. Default: unknown. */
  readonly broker?: string
}

/** Optional parts of an rxweft error. */
export interface ErrorDetail {
  /** Place of the error. Default: unknown. */
  readonly where?: Where
  /** Advice to the user, as one sentence. Default: none. */
  readonly hint?: string
  /** Underlying error, as in `Error`. Default: none. */
  readonly cause?: unknown
  /** Whether a single record is at fault, so that `onError` applies. Default false. */
  readonly badRecord?: boolean
}

/**
 * A code of rxweft, a name from Kafka's table of errors, or a code of a user's own source, sink or
 * operator.
 */
export type AnyErrorCode = ErrorCode | (string & {})

/**
 * Base class of every error that rxweft raises: `code` is for programs, `message` for people.
 *
 * `message` contains the code, the place and a hint, never the value of a record.
 */
export abstract class RxweftError extends Error {
  /** Effect on the job; each subclass has its own. */
  abstract readonly consequence: Consequence
  /** Stable code, such as `BAD_OPTION`; see the errors page of the docs. */
  readonly code: AnyErrorCode
  /** Place of the error: job, operator, topic, partition, offset, as far as known. */
  readonly where: Where
  /** Advice to the user, as one sentence; undefined if there is none. */
  readonly hint: string | undefined
  /** Whether a single record is at fault, so that `onError` decides what becomes of it. */
  readonly badRecord: boolean
  readonly #what: string
  readonly #detail: ErrorDetail

  constructor(code: AnyErrorCode, what: string, detail: ErrorDetail = {}) {
    super(sentence(code, what, detail), 'cause' in detail ? { cause: detail.cause } : undefined)
    this.#what = what
    this.#detail = detail
    this.code = code
    this.where = detail.where ?? {}
    this.hint = detail.hint
    this.badRecord = detail.badRecord ?? false
  }

  /** Description of the failure, without code, place and hint. */
  get what(): string {
    return this.#what
  }

  /** Copies the error and adds a place to it. */
  at(where: Where): RxweftError {
    const Same = this.constructor as new (...of: ConstructorParameters<typeof RxweftError>) => RxweftError
    return new Same(this.code, this.#what, { ...this.#detail, where: { ...this.where, ...where } })
  }
}

/** Failure that may pass, such as a lost connection: the restart strategy decides. */
export class RetriableError extends RxweftError {
  /** Name of the class. */
  override readonly name = 'RetriableError'
  /** Effect on the job: the attempt ends and may be restarted. */
  readonly consequence = 'retriable'

  constructor(code: CodeOf<'retriable'>, what: string, detail?: ErrorDetail) {
    super(code, what, detail)
  }
}

/** A newer run of the same job has taken over: this run ends and never restarts. */
export class FencedError extends RxweftError {
  /** Name of the class. */
  override readonly name = 'FencedError'
  /** Effect on the job: this run ends. */
  readonly consequence = 'fenced'

  constructor(code: CodeOf<'fenced'>, what: string, detail?: ErrorDetail) {
    super(code, what, detail)
  }
}

/** Stored data cannot be trusted: it is damaged, foreign or from a newer version. */
export class CorruptedError extends RxweftError {
  /** Name of the class. */
  override readonly name = 'CorruptedError'
  /** Effect on the job: it ends without a restart. */
  readonly consequence = 'corrupted'

  constructor(code: CodeOf<'corrupted'>, what: string, detail?: ErrorDetail) {
    super(code, what, detail)
  }
}

/** Failure that a restart cannot fix: bad configuration, bad input, a throwing function. */
export class FatalError extends RxweftError {
  /** Name of the class. */
  override readonly name = 'FatalError'
  /** Effect on the job: it ends without a restart. */
  readonly consequence = 'fatal'

  constructor(code: CodeOf<'fatal'>, what: string, detail?: ErrorDetail) {
    super(code, what, detail)
  }
}

/** Passes an rxweft error through and turns anything else thrown into one by `otherwise`. */
export function toRxweftError(thrown: unknown, otherwise: (cause: Error) => RxweftError): RxweftError {
  return thrown instanceof RxweftError ? thrown : otherwise(toError(thrown))
}

/**
 * Turns anything thrown into an Error. Never throws, even if the thrown value cannot be printed.
 */
export function toError(thrown: unknown): Error {
  try {
    if (!(thrown instanceof Error)) return new Error(String(thrown))
    return typeof thrown.message === 'string' && typeof thrown.name === 'string' ? thrown : new Error('unknown')
  } catch {
    return new Error(`a value of type ${typeof thrown} that cannot be printed`)
  }
}

function sentence(code: string, what: string, { where, hint }: ErrorDetail): string {
  const places = Object.entries(where ?? {}).map(([name, value]) => `${name} ${value}`)
  const place = places.length > 0 ? ` (${places.join(', ')})` : ''
  return `${code}: ${what}${place}${hint === undefined ? '' : `. ${hint}`}`
}
