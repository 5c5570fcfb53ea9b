import type { Type, types } from 'avsc'
import { avroType } from './avroType.ts'
import { usable } from './badSchema.ts'
import { mismatch } from './mismatch.ts'
import type { Format, SubjectOptions } from './registrySerde.ts'

/** Options of `avro`. */
export interface AvroOptions extends SubjectOptions {
  /**
   * Schema of the values, as an object or as JSON. Default: to read, the writer's schema; to write,
   * the latest schema of the subject.
   */
  readonly schema?: string | object | undefined
  /**
   * Type of Avro's longs: 'bigint'. Default: number, and a record with a long beyond the safe
   * integers is a bad record.
   */
  readonly longs?: 'bigint' | undefined
  /**
   * Classes of avsc for logical types, by name. Default: none, values are those of the underlying
   * type (a timestamp-millis is a number).
   */
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

/** Tells whether two schemas are equal, so that nothing has to be resolved. */
function isSame(one: string, other: string): boolean {
  return one === other || JSON.stringify(JSON.parse(one)) === JSON.stringify(JSON.parse(other))
}

/** Encodes the value. avsc's own message would contain the value. */
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
