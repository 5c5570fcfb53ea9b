import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type IoTsCodec, ioTs } from './ioTs.ts'
import { standardSchema } from './standardSchema.ts'
import type { Validation } from './validation.ts'

/** Checks that a parsed value is a T: an io-ts codec or a Standard Schema validator. */
export type Validator<T> = IoTsCodec<T> | StandardSchemaV1<unknown, T>

export function validation<T>(validator: Validator<T>): Validation<T> {
  return isStandard(validator) ? standardSchema(validator) : ioTs(validator)
}

/**
 * Tells whether the argument is a validator. Validators of both kinds may have methods `encode` and
 * `decode`, which are not those of a Serde.
 */
export function isValidator<T>(given: unknown): given is Validator<T> {
  return isStandard(given) || isIoTs(given)
}

/** Tells whether the argument is a Standard Schema. Some validators are functions. */
function isStandard<T>(given: unknown): given is StandardSchemaV1<unknown, T> {
  return ((typeof given === 'object' && given !== null) || typeof given === 'function') && '~standard' in given
}

/**
 * Tells whether the argument is an io-ts codec; not by class, since users may have their own io-ts.
 */
function isIoTs<T>(given: unknown): given is IoTsCodec<T> {
  const { is, validate, encode } = (given ?? {}) as Partial<IoTsCodec<T>>
  return [is, validate, encode].every((method) => typeof method === 'function')
}
