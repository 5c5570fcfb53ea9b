/**
 * Checks that an object fits a Protobuf message. protobufjs converts anything ("abc" to NaN) and
 * drops what it does not know.
 */
import protobuf from 'protobufjs'
import { mismatch } from './mismatch.ts'

type Path = readonly (string | number)[]

/** Throws a TypeError that names the place and no value. */
export function checkMessage(type: protobuf.Type, value: unknown, path: Path = []): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw mismatch(path, type.fullName.slice(1), value)
  for (const [name, part] of Object.entries(value)) {
    const field = type.fields[name]
    const place = [...path, name]
    if (part === undefined) continue
    if (field === undefined) throw mismatch(place, `no such field in ${type.fullName.slice(1)}`, part)
    checkField(field, part, place)
  }
}

/** An unset message is null. */
function checkField(field: protobuf.Field, value: unknown, path: Path): void {
  const isMessage = !field.repeated && !field.map && field.resolvedType instanceof protobuf.Type
  if (value === null && isMessage) return
  if (field instanceof protobuf.MapField) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw mismatch(path, 'object', value)
    for (const [key, part] of Object.entries(value)) checkOne(field, part, [...path, key])
  } else if (field.repeated) {
    if (!Array.isArray(value)) throw mismatch(path, 'array', value)
    for (const [at, part] of value.entries()) checkOne(field, part, [...path, at])
  } else checkOne(field, value, path)
}

function checkOne({ type, resolvedType }: protobuf.Field, value: unknown, path: Path): void {
  if (resolvedType instanceof protobuf.Type) return checkMessage(resolvedType, value, path)
  const fits = resolvedType instanceof protobuf.Enum ? isOf(resolvedType, value) : (scalars[type] as Fits)(value)
  if (!fits) throw mismatch(path, resolvedType ? resolvedType.fullName.slice(1) : type, value)
}

function isOf(values: protobuf.Enum, value: unknown): boolean {
  return typeof value === 'string' ? values.values[value] !== undefined : int32(value)
}

type Fits = (value: unknown) => boolean

const int32: Fits = (value) => Number.isInteger(value) && (value as number) === ((value as number) | 0)
const uint32: Fits = (value) => Number.isInteger(value) && (value as number) === (value as number) >>> 0
const int64: Fits = (value) => typeof value === 'bigint' && value === BigInt.asIntN(64, value)
const uint64: Fits = (value) => typeof value === 'bigint' && value === BigInt.asUintN(64, value)
const number: Fits = (value) => typeof value === 'number'

const scalars: Readonly<Record<string, Fits>> = {
  ...{ double: number, float: number, int32, sint32: int32, sfixed32: int32, uint32, fixed32: uint32 },
  ...{ int64, sint64: int64, sfixed64: int64, uint64, fixed64: uint64 },
  bool: (value) => typeof value === 'boolean',
  string: (value) => typeof value === 'string',
  bytes: (value) => value instanceof Uint8Array,
}
