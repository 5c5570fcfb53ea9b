/**
 * Errors are named by their consequence, because that is what the job runner acts on:
 *
 *   Retriable  the attempt ends, the restart strategy decides; nothing was lost
 *   Fenced     a newer run of the same job has taken over; this one ends and never restarts
 *   Corrupted  what was stored cannot be trusted (damaged, foreign, newer); never restarts, never guessed
 *   Fatal      a restart cannot help (bad configuration, bad input, a throwing function); never restarts
 */

/** Where it happened; only what is known is set. */
export interface Where {
  readonly job?: string
  readonly shard?: number
  readonly operator?: string
  readonly topic?: string
  readonly partition?: number
  readonly offset?: number
  /** Of a record batch that is at fault as a whole; `offset` is its first one. */
  readonly lastOffset?: number
  readonly checkpoint?: number
  readonly file?: string
  readonly broker?: string
}

export interface ErrorDetail {
  readonly where?: Where
  /** What to do about it, as one sentence. */
  readonly hint?: string
  readonly cause?: unknown
  /** One record is at fault: without it the job could go on, and does where `onError` says so. */
  readonly badRecord?: boolean
}

export type Consequence = 'retriable' | 'fenced' | 'corrupted' | 'fatal'

/** The base of every error that rxweft raises. `code` is stable and meant for programs; `message` is for people. */
export abstract class RxweftError extends Error {
  abstract readonly consequence: Consequence
  readonly code: string
  readonly where: Where
  readonly hint: string | undefined
  /** One record is at fault; what becomes of it is up to `onError`. */
  readonly badRecord: boolean
  readonly #what: string
  readonly #detail: ErrorDetail

  constructor(code: string, what: string, detail: ErrorDetail = {}) {
    super(sentence(code, what, detail), 'cause' in detail ? { cause: detail.cause } : undefined)
    this.#what = what
    this.#detail = detail
    this.code = code
    this.where = detail.where ?? {}
    this.hint = detail.hint
    this.badRecord = detail.badRecord ?? false
  }

  /** What happened, without code, place and hint. */
  get what(): string {
    return this.#what
  }

  /** The same error, from somebody who knows where it happened. */
  at(where: Where): RxweftError {
    const Same = this.constructor as new (...of: ConstructorParameters<typeof RxweftError>) => RxweftError
    return new Same(this.code, this.#what, { ...this.#detail, where: { ...this.where, ...where } })
  }
}

export class RetriableError extends RxweftError {
  override readonly name = 'RetriableError'
  readonly consequence = 'retriable'
}

export class FencedError extends RxweftError {
  override readonly name = 'FencedError'
  readonly consequence = 'fenced'
}

export class CorruptedError extends RxweftError {
  override readonly name = 'CorruptedError'
  readonly consequence = 'corrupted'
}

export class FatalError extends RxweftError {
  override readonly name = 'FatalError'
  readonly consequence = 'fatal'
}

/** What anything thrown means for the job: an rxweft error as it is, everything else through `otherwise`. */
export function toRxweftError(thrown: unknown, otherwise: (cause: Error) => RxweftError): RxweftError {
  return thrown instanceof RxweftError ? thrown : otherwise(toError(thrown))
}

/** Never throws, whatever was thrown: what cannot be shown, or asked what it says, is said to be so. */
export function toError(thrown: unknown): Error {
  try {
    if (!(thrown instanceof Error)) return new Error(String(thrown))
    return typeof thrown.message === 'string' && typeof thrown.name === 'string' ? thrown : new Error('unknown')
  } catch {
    return new Error(`something that cannot be shown, of type ${typeof thrown}`)
  }
}

function sentence(code: string, what: string, { where, hint }: ErrorDetail): string {
  const places = Object.entries(where ?? {}).map(([name, value]) => `${name} ${value}`)
  const place = places.length > 0 ? ` (${places.join(', ')})` : ''
  return `${code}: ${what}${place}${hint === undefined ? '' : `. ${hint}`}`
}
