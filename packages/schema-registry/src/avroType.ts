/** A compiled Avro schema. */
import avsc, { type Type, type types } from 'avsc'
import type { AvroOptions } from './avro.ts'
import type { ReferencedSchema } from './registeredSchema.ts'

export interface AvroType {
  readonly type: Type
  /** Throws on data that is not exactly one value. */
  read(data: Buffer, resolver?: Parameters<Type['fromBuffer']>[1]): unknown
}

/** Throws on what is no Avro schema. */
export function avroType(
  schema: string,
  references: readonly ReferencedSchema[],
  { longs, logicalTypes }: Pick<AvroOptions, 'longs' | 'logicalTypes'>,
): AvroType {
  const options = {
    registry: {} as Record<string, Type>,
    ...(logicalTypes && { logicalTypes: logicalTypes as never }),
    ...(longs === 'bigint' && { typeHook: (given: unknown) => (isLong(given) ? bigintLong : undefined) }),
  }
  // They find each other by name, in the registry.
  for (const referenced of references) avsc.Type.forSchema(jsonOf(referenced.schema), options)
  const type = avsc.Type.forSchema(jsonOf(schema), options)
  const parts = partsOf(type)
  for (const part of parts) makePlain(part)
  const hasMaps = parts.some(({ typeName }) => typeName === 'map')
  return {
    type,
    read(data, resolver) {
      // avsc would make a prototype out of what is data.
      if (hasMaps && data.includes('__proto__')) throw new TypeError('the record has a key __proto__ in a map')
      return type.fromBuffer(data, resolver)
    },
  }
}

/** A schema that is the name of a type need not be JSON. */
function jsonOf(schema: string): never {
  return (/^\w[\w.]*$/.test(schema) ? schema : JSON.parse(schema)) as never
}

function isLong(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return schema === 'long'
  return 'type' in schema && schema.type === 'long' && !('logicalType' in schema)
}

const bigintLong = avsc.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer(value: bigint) {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(value)
    return bytes
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint' && value === BigInt.asIntN(64, value),
  compare: (one: bigint, other: bigint) => (one < other ? -1 : one > other ? 1 : 0),
})

/** The type and all that it is made of, each once. */
function partsOf(type: Type, found = new Set<Type>()): readonly Type[] {
  if (found.has(type)) return []
  found.add(type)
  const { fields = [], itemsType, valuesType, types = [], underlyingType } = type as Partial<Compound>
  const inside = [...fields.map((field) => field.type), ...types, itemsType, valuesType, underlyingType]
  for (const part of inside) if (part !== undefined) partsOf(part, found)
  return [...found]
}

interface Compound {
  readonly fields: readonly types.Field[]
  readonly itemsType: Type
  readonly valuesType: Type
  readonly types: readonly Type[]
  readonly underlyingType: Type
}

/**
 * avsc makes instances of a class for each record, and for each branch of a union that needs wrapping. Plain objects can go on as JSON, into state and
 * through structuredClone; so the classes get the prototype of those.
 */
function makePlain(type: Type): void {
  const { recordConstructor, _branchConstructor } = type as Partial<Classes>
  for (const made of [recordConstructor, _branchConstructor]) if (made) made.prototype = Object.prototype
}

interface Classes {
  readonly recordConstructor: { prototype: object }
  readonly _branchConstructor: { prototype: object }
}
