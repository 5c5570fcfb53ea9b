/** Avro, by avsc: data is read with the schema that it was written with, and made what the reader's schema says (defaults, promotions, aliases). */
import type { Type, types } from 'avsc'
import { avroType } from './avroType.ts'
import { usable } from './badSchema.ts'
import { mismatch } from './mismatch.ts'
import type { Format, SubjectOptions } from './registrySerde.ts'

export interface AvroOptions extends SubjectOptions {
  /** What values look like, as an object or as JSON. To read: default, what the writer's schema says. To write: default, the latest schema of the subject. */
  readonly schema?: string | object | undefined
  /** 'bigint': what is of type long. Default: a number, and a record with one beyond the safe integers is a bad record. */
  readonly longs?: 'bigint' | undefined
  /** By name, avsc's classes for logical types. Default: values are those of the underlying type, a timestamp-millis is a number. */
  readonly logicalTypes?: Readonly<Record<string, new (...given: never[]) => types.LogicalType>> | undefined
}

export function avroFormat<T>(options: AvroOptions): [Format<T>, string | undefined] {
  const { schema, references = [] } = options
  const own = schema === undefined || typeof schema === 'string' ? schema : JSON.stringify(schema)
  // What it refers to is known only to the registry.
  if (own !== undefined && references.length === 0) usable(() => avroType(own, [], options))
  const format: Format<T> = {
    type: 'AVRO',
    reader(written) {
      const type = avroType(written.schema, written.references, options)
      const parse = (data: Buffer): unknown => type.fromBuffer(data)
      if (own === undefined || isSame(own, written.schema)) return { decode: (data) => parse(data) as T, parse }
      const readAs = avroType(own, written.references, options)
      const resolver = readAs.createResolver(type)
      return { decode: (data) => readAs.fromBuffer(data, resolver) as T, parse }
    },
    writer({ schema, references }) {
      const type = avroType(schema, references, options)
      return (value) => written(type, value)
    },
  }
  return [format, own]
}

/** Then nothing has to be resolved. */
function isSame(one: string, other: string): boolean {
  return one === other || JSON.stringify(JSON.parse(one)) === JSON.stringify(JSON.parse(other))
}

/** avsc's own message has the value in it. */
function written(type: Type, value: unknown): Buffer {
  try {
    return type.toBuffer(value)
  } catch {
    throw misfit(type, value)
  }
}

function misfit(type: Type, value: unknown): TypeError {
  const found: TypeError[] = []
  type.isValid(value, {
    errorHook: (path, got, expected) => void found.push(mismatch(path, expected.branchName ?? expected.typeName, got)),
  })
  return found[0] ?? new TypeError('the value does not fit its schema')
}
