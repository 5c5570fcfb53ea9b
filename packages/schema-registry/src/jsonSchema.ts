import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { json } from 'rxweft'
import { usable } from './badSchema.ts'
import { draft06 } from './draft06.ts'
import { shapeOf } from './mismatch.ts'
import type { ReferencedSchema } from './registeredSchema.ts'
import type { Format, SubjectOptions } from './registrySerde.ts'

/** Options of `jsonSchema`. */
export interface JsonSchemaOptions extends SubjectOptions {
  /**
   * Schema of the values, as an object or as JSON. Default: to read, the schema with which the
   * record was written; to write, the latest schema of the subject.
   */
  readonly schema?: string | object | undefined
}

const plain = json<unknown>()

export function jsonSchemaFormat<T>({ schema, references = [] }: JsonSchemaOptions): [Format<T>, string | undefined] {
  const own = schema === undefined || typeof schema === 'string' ? schema : JSON.stringify(schema)
  // What it refers to is known only to the registry.
  const ownCheck = own === undefined || references.length > 0 ? undefined : usable(() => checker(own, []))
  const format: Format<T> = {
    type: 'JSON',
    reader({ schema, references }) {
      const check = ownCheck ?? checker(own ?? schema, references)
      const parse = (data: Buffer): unknown => plain.decode(data)
      return { decode: (data) => check(parse(data)) as T, parse }
    },
    writer({ schema, references }) {
      const check = checker(schema, references)
      return (value) => plain.encode(check(value)) as Buffer
    },
  }
  return [format, own]
}

/**
 * Returns a function that passes valid values and throws a TypeError on others. Throws if the
 * schema is not a JSON Schema.
 */
function checker(schema: string, references: readonly ReferencedSchema[]): (value: unknown) => unknown {
  const parsed = JSON.parse(schema)
  const ajv = ajvFor(parsed)
  for (const { name, schema } of references) ajv.addSchema(JSON.parse(schema), name)
  const validate: ValidateFunction = ajv.compile(parsed)
  return (value) => {
    if (validate(value)) return value
    throw misfit(validate.errors?.[0], value)
  }
}

function ajvFor({ $schema = '' }: { readonly $schema?: unknown }): Ajv {
  const draft = String($schema)
  const options = { strict: false, validateFormats: false, logger: false } as const
  if (draft.includes('2020-12')) return new Ajv2020(options)
  if (draft.includes('2019-09')) return new Ajv2019(options)
  const ajv = new Ajv(options)
  if (draft.includes('draft-06')) ajv.addMetaSchema(draft06)
  return ajv
}

/**
 * Makes an error such as `at /items/3/price: must be number, got string`. ajv's messages are about
 * the schema and contain no value.
 */
function misfit(error: ErrorObject | undefined, value: unknown): TypeError {
  const { instancePath = '', message = 'does not fit its schema' } = error ?? {}
  const steps = instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  const got = steps.reduce<unknown>((found, step) => (found as Record<string, unknown> | undefined)?.[step], value)
  return new TypeError(`${instancePath === '' ? '' : `at ${instancePath}: `}${message}, got ${shapeOf(got)}`)
}
