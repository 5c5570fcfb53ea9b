/**
 * Validators with the Standard Schema interface (https://standardschema.dev): zod, valibot, arktype
 * and others. The interface validates in one direction, so values are written unchanged.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { FatalError } from '../errors.ts'
import { mismatch, type Reason } from './mismatch.ts'
import type { Validation } from './validation.ts'

/** Parts of an issue that some validators add to the interface. */
interface Issue extends StandardSchemaV1.Issue {
  readonly expected?: unknown
  readonly received?: unknown
}

export function standardSchema<T>({ '~standard': schema }: StandardSchemaV1<unknown, T>): Validation<T> {
  return {
    read(parsed) {
      const result = schema.validate(parsed)
      if (result instanceof Promise) throw asynchronous(schema.vendor, result)
      if (result.issues === undefined) return result.value
      throw explained(parsed, result.issues)
    },
    write: (value) => value,
  }
}

function explained(parsed: unknown, [issue, ...others]: readonly Issue[]): TypeError {
  const path = issue?.path?.map((step) => (typeof step === 'object' ? step.key : step)) ?? []
  return mismatch(path, issue === undefined ? 'invalid' : reasonOf(issue, parsed, path), others.length)
}

/**
 * Names the expected type if the issue has it, otherwise its message. The messages of some
 * validators end with the value, which they repeat in `received`: it is cut off.
 */
function reasonOf({ expected, received, message }: Issue, parsed: unknown, path: readonly PropertyKey[]): Reason {
  const got = at(parsed, path)
  if (typeof expected === 'string') return { expected, got }
  const shown = `eceived ${received}`
  return message.endsWith(shown) ? `${message.slice(0, -shown.length)}eceived ${typeof got}` : message
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((found, key) => (found instanceof Map ? found.get(key) : (found as never)?.[key]), value)
}

function asynchronous(vendor: string, result: Promise<unknown>): FatalError {
  // Nobody waits for it.
  result.catch(() => undefined)
  return new FatalError(
    'ASYNC_SCHEMA',
    `the validator (${vendor}) returned a promise, but records are decoded synchronously`,
    {
      hint: 'Use a schema without asynchronous steps, and do asynchronous checks in asyncMap',
    },
  )
}
