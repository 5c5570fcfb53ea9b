/** Compiled Avro schemas whose records are plain objects. */
import avsc, { type Type, type types } from 'avsc'
import type { AvroOptions } from './avroOptions.ts'
import { BoundedArray, double, float, longAsBigint, longAsNumber, PlainMap } from './avroTypes.ts'
import type { ReferencedSchema } from './registeredSchema.ts'

/** Compiles a schema; throws if it is not an Avro schema. */
export function avroType(
  schema: string,
  references: readonly ReferencedSchema[],
  { longs, logicalTypes }: Pick<AvroOptions, 'longs' | 'logicalTypes'>,
): Type {
  const long = longs === 'bigint' ? longAsBigint : longAsNumber
  const options = {
    // They find each other by name, in here.
    registry: {},
    ...(logicalTypes && { logicalTypes: logicalTypes as never }),
    typeHook: ownTypes({ long, double, float }, logicalTypes) as never,
  }
  for (const referenced of references) avsc.Type.forSchema(jsonOf(referenced.schema), options)
  const type = avsc.Type.forSchema(jsonOf(schema), options)
  for (const part of partsOf(type)) makePlain(part)
  return type
}

/** Handles a schema that is the name of a type, which need not be JSON. */
function jsonOf(schema: string): never {
  return (/^\w[\w.]*$/.test(schema) ? schema : JSON.parse(schema)) as never
}

/**
 * Replaces types of avsc by our own, also below logical types, about whose schema avsc asks twice.
 */
function ownTypes(
  primitives: Readonly<Record<string, Type>>,
  logicalTypes: AvroOptions['logicalTypes'] = {},
): (schema: unknown, options: unknown) => Type | undefined {
  const wrapped = new Set<object>()
  const primitive = (name: unknown): Type | undefined =>
    Object.hasOwn(primitives, String(name)) ? primitives[String(name)] : undefined
  return (schema, options) => {
    if (typeof schema !== 'object' || schema === null || !('type' in schema)) return primitive(schema)
    const isLogical = 'logicalType' in schema && Object.hasOwn(logicalTypes, String(schema.logicalType))
    if (isLogical && !wrapped.has(schema)) {
      wrapped.add(schema)
      return undefined
    }
    if (schema.type === 'map') return new PlainMap(schema as never, options)
    return schema.type === 'array' ? new BoundedArray(schema as never, options) : primitive(schema.type)
  }
}

/** The type and all its parts, each once. */
function partsOf(type: Type, found = new Set<Type>()): ReadonlySet<Type> {
  if (found.has(type)) return found
  found.add(type)
  const { fields = [], itemsType, valuesType, types = [], underlyingType } = type as Partial<Compound>
  const inside = [...fields.map((field) => field.type), ...types, itemsType, valuesType, underlyingType]
  for (const part of inside) if (part !== undefined) partsOf(part, found)
  return found
}

interface Compound {
  readonly fields: readonly types.Field[]
  readonly itemsType: Type
  readonly valuesType: Type
  readonly types: readonly Type[]
  readonly underlyingType: Type
}

/**
 * avsc makes instances of a class for each record, and for each branch of a union that needs
 * wrapping. Plain objects can become JSON, state and structured clones, so the classes get the
 * prototype of plain objects.
 */
function makePlain(type: Type): void {
  const { recordConstructor, _branchConstructor } = type as Partial<Classes>
  for (const made of [recordConstructor, _branchConstructor]) if (made) made.prototype = Object.prototype
}

interface Classes {
  readonly recordConstructor: { prototype: object }
  readonly _branchConstructor: { prototype: object }
}
