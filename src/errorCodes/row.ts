/**
 * One row of the table of error codes, from which the type `ErrorCode` and docs/errors.md are
 * derived.
 */

/** Effect of an error on the job: only `'retriable'` errors lead to a restart. */
export type Consequence = 'retriable' | 'fenced' | 'corrupted' | 'fatal'

export interface ErrorRow<Kind extends Consequence = Consequence> {
  readonly consequence: Kind
  /** What happened, as one or two sentences. */
  readonly meaning: string
  /** What to do, as one or two sentences. */
  readonly action: string
}

export function retriable(meaning: string, action: string): ErrorRow<'retriable'> {
  return { consequence: 'retriable', meaning, action }
}

export function fenced(meaning: string, action: string): ErrorRow<'fenced'> {
  return { consequence: 'fenced', meaning, action }
}

export function corrupted(meaning: string, action: string): ErrorRow<'corrupted'> {
  return { consequence: 'corrupted', meaning, action }
}

export function fatal(meaning: string, action: string): ErrorRow<'fatal'> {
  return { consequence: 'fatal', meaning, action }
}
