/** What can say whether a parsed value is a T: an io-ts codec, or a validator with the Standard Schema interface. */

import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type IoTsCodec, ioTs } from './ioTs.ts'
import { standardSchema } from './standardSchema.ts'
import type { Validation } from './validation.ts'

export type Validator<T> = IoTsCodec<T> | StandardSchemaV1<unknown, T>

export function validation<T>(validator: Validator<T>): Validation<T> {
  return isStandard(validator) ? standardSchema(validator) : ioTs(validator)
}

/** Validators of both kinds may have methods `encode` and `decode`, which are not those of a Serde. */
export function isValidator<T>(given: unknown): given is Validator<T> {
  return isStandard(given) || isIoTs(given)
}

/** Some validators are functions. */
function isStandard<T>(given: unknown): given is StandardSchemaV1<unknown, T> {
  return ((typeof given === 'object' && given !== null) || typeof given === 'function') && '~standard' in given
}

/** Not by class: users may have an io-ts of their own. */
function isIoTs<T>(given: unknown): given is IoTsCodec<T> {
  const { is, validate, encode } = (given ?? {}) as Partial<IoTsCodec<T>>
  return [is, validate, encode].every((method) => typeof method === 'function')
}
