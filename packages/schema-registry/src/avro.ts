import type { Type } from 'avsc'
import type { AvroOptions } from './avroOptions.ts'
import { avroType } from './avroType.ts'
import { usable } from './badSchema.ts'
import { mismatch } from './mismatch.ts'
import type { Format } from './registrySerde.ts'

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
