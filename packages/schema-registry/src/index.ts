/**
 * rxweft-schema-registry: codecs for records whose schemas are in a Confluent schema registry, or
 * in another one with the same API.
 */
export type { AvroOptions } from './avroOptions.ts'
export type { JsonSchemaOptions } from './jsonSchema.ts'
export type { ProtobufOptions } from './protobuf.ts'
export type { SchemaReference } from './registeredSchema.ts'
export type { RegistryAuth } from './registryHttp.ts'
export type { SchemaRegistryOptions } from './registryOptions.ts'
export type { SubjectOptions } from './registrySerde.ts'
export { type SchemaRegistry, schemaRegistry } from './schemaRegistry.ts'
