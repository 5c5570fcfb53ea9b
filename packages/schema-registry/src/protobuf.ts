import type { Type } from 'protobufjs'
import { usable } from './badSchema.ts'
import { checkMessage } from './checkMessage.ts'
import { decodeIndexes, encodeIndexes } from './messageIndexes.ts'
import { type ProtoFile, protoFile } from './protoFile.ts'
import type { Format, SubjectOptions } from './registrySerde.ts'

/** Options of `protobuf`. */
export interface ProtobufOptions extends SubjectOptions {
  /**
   * Text of a .proto file. Default: to read, the one with which the record was written; to write,
   * the latest of the subject.
   */
  readonly schema?: string | undefined
  /**
   * Full name of the message, such as "shop.Order". Default: to write, the first message of the
   * file; to read, the one that the record names.
   */
  readonly message?: string | undefined
}

export function protobufFormat<T>({
  schema: own,
  message,
  references = [],
}: ProtobufOptions): [Format<T>, string | undefined] {
  // What it imports is known only to the registry.
  const ownFile = own === undefined || references.length > 0 ? undefined : usable(() => protoFile(own, []))
  if (ownFile !== undefined) usable(() => ownFile.message(message))
  const format: Format<T> = {
    type: 'PROTOBUF',
    reader(written) {
      const file = protoFile(written.schema, written.references)
      const readAs = own === undefined ? undefined : (ownFile ?? protoFile(own, written.references)).message(message)
      return {
        decode: (data) => read(file, data, message, readAs) as T,
        parse: (data) => read(file, data, message, undefined),
      }
    },
    writer({ schema, references }) {
      const file = protoFile(schema, references)
      const type = file.message(message)
      const indexes = encodeIndexes(file.indexesOf(type))
      return (value) => Buffer.concat([indexes, encoded(type, value)])
    },
  }
  return [format, own]
}

/** @param readAs version of the message to read with: fields are matched by number */
function read(file: ProtoFile, data: Buffer, expected: string | undefined, readAs: Type | undefined): unknown {
  const { indexes, end } = decodeIndexes(data)
  const written = file.at(indexes)
  if (expected !== undefined && written.fullName !== `.${expected}`) {
    throw new TypeError(`the record is a ${written.fullName.slice(1)}, and no ${expected}`)
  }
  const type = readAs ?? written
  return type.toObject(type.decode(data.subarray(end)), plain)
}

/**
 * Conversion to plain objects. Unset fields have Protobuf's defaults, an unset message is null;
 * unset optional fields and members of a oneof are absent.
 */
const plain = { longs: BigInt, enums: String, bytes: Buffer, defaults: true, arrays: true, objects: true }

function encoded(type: Type, value: unknown): Uint8Array {
  checkMessage(type, value)
  return type.encode(type.fromObject(value as Record<string, unknown>)).finish()
}
