/**
 * The error classes that rxweft exports: their constructors take any code, since sources, sinks and
 * operators of users have codes of their own. At run time they are the classes of errors.ts, whose
 * constructors take only codes of the table. rxweft itself uses these where the code is Kafka's
 * name for an error, or that of another error.
 */
import * as strict from './errors.ts'

export * from './errors.ts'

/** Class whose constructor takes any code. */
type ErrorClass<Instance> = new (code: strict.AnyErrorCode, what: string, detail?: strict.ErrorDetail) => Instance

/** Failure that may pass, such as a lost connection: the restart strategy decides. */
export const RetriableError = strict.RetriableError as ErrorClass<strict.RetriableError>
export type RetriableError = strict.RetriableError

/** A newer run of the same job has taken over: this run ends and never restarts. */
export const FencedError = strict.FencedError as ErrorClass<strict.FencedError>
export type FencedError = strict.FencedError

/** Stored data cannot be trusted: it is damaged, foreign or from a newer version. */
export const CorruptedError = strict.CorruptedError as ErrorClass<strict.CorruptedError>
export type CorruptedError = strict.CorruptedError

/** Failure that a restart cannot fix: bad configuration, bad input, a throwing function. */
export const FatalError = strict.FatalError as ErrorClass<strict.FatalError>
export type FatalError = strict.FatalError
