/** What can say whether a parsed value is a T: an io-ts codec, or a validator with the Standard Schema interface. */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type IoTsCodec, ioTs } from './ioTs.ts'
import { standardSchema } from './standardSchema.ts'

export type Validator<T> = IoTsCodec<T> | StandardSchemaV1<unknown, T>

/** The same in one shape. */
export interface Validation<T> {
  /** Throws TypeError, naming path, what was expected and of what type it is. */
  read(parsed: unknown): T
  /** What is to be written for the value. */
  write(value: T): unknown
}

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
