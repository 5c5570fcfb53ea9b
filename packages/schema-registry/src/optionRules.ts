import type { OptionRule, OptionRules } from 'rxweft/extend'
import type { AvroOptions } from './avroOptions.ts'
import type { JsonSchemaOptions } from './jsonSchema.ts'
import type { ProtobufOptions } from './protobuf.ts'
import type { SchemaRegistryOptions } from './registryOptions.ts'
import type { SubjectOptions } from './registrySerde.ts'

const text = rule('a non-empty string', (value) => typeof value === 'string' && value !== '')
const anObject = rule('an object', isObject)
const schema = rule('a schema, as text or as an object', (value) => text.is(value) || isObject(value))
const subjectRules: OptionRules<SubjectOptions> = {
  subject: text,
  register: rule('true or false', (value) => typeof value === 'boolean'),
  references: rule('an array of { name, subject, version }', Array.isArray),
}

export const avroRules: OptionRules<AvroOptions> = {
  ...subjectRules,
  schema,
  longs: rule("'bigint'", (value) => value === 'bigint'),
  logicalTypes: anObject,
}

export const jsonSchemaRules: OptionRules<JsonSchemaOptions> = { ...subjectRules, schema }

export const protobufRules: OptionRules<ProtobufOptions> = { ...subjectRules, schema: text, message: text }

export const registryRules: OptionRules<SchemaRegistryOptions> = {
  url: {
    ...rule("an http or https address, such as 'http://localhost:8081'", (value) => {
      return typeof value === 'string' && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)
    }),
    required: true,
  },
  auth: rule('{ username, password } or { token }', isObject),
  fetch: rule('a function', (value) => typeof value === 'function'),
  clock: anObject,
  timeout: rule('a number of ms from 1 to 2147483647', (value) => isNumber(value) && value >= 1 && value < 2 ** 31),
  maxSchemas: rule('a number from 1', (value) => isNumber(value) && value >= 1),
}

function rule(name: string, is: (value: unknown) => boolean): OptionRule {
  return { name, is }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}
