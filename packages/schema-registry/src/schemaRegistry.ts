import type { Clock, Serde } from 'rxweft'
import { checkOptions } from 'rxweft/extend'
import { avroFormat } from './avro.ts'
import type { AvroOptions } from './avroOptions.ts'
import { type JsonSchemaOptions, jsonSchemaFormat } from './jsonSchema.ts'
import { avroRules, jsonSchemaRules, protobufRules, registryRules } from './optionRules.ts'
import { type ProtobufOptions, protobufFormat } from './protobuf.ts'
import { registryClient } from './registryClient.ts'
import { registryHttp } from './registryHttp.ts'
import type { SchemaRegistryOptions } from './registryOptions.ts'
import { registrySerde } from './registrySerde.ts'

/**
 * Codecs for schemas in one registry. A sink needs `subject`; a source needs no option.
 *
 * Nothing beyond the schema checks that what is read is a T. Errors when a job starts: Retriable
 * REGISTRY_UNAVAILABLE; Fatal REGISTRY_DENIED, REGISTRY_REFUSED, SUBJECT_UNKNOWN,
 * SCHEMA_NOT_REGISTERED, SCHEMA_INCOMPATIBLE, SCHEMA_NOT_USABLE. Errors of bad records:
 * NOT_IN_WIRE_FORMAT, UNKNOWN_SCHEMA, OTHER_SCHEMA_TYPE, SCHEMA_NOT_READABLE, and DECODE_FAILED if
 * the data does not fit its schema.
 */
export interface SchemaRegistry {
  /**
   * Codec for Avro, by avsc: data is read with the writer's schema and converted to the reader's
   * (defaults, promotions, aliases).
   *
   * @throws BAD_OPTION if an option is unknown
   * @throws BAD_SCHEMA if `schema` is not an Avro schema
   */
  avro<T>(options?: AvroOptions): Serde<T>
  /**
   * Codec for JSON with a JSON Schema (drafts 6, 7, 2019-09, 2020-12), by ajv: validated when
   * written and when read. `format` is not checked.
   *
   * @throws BAD_OPTION if an option is unknown
   * @throws BAD_SCHEMA if `schema` cannot be compiled
   */
  jsonSchema<T>(options?: JsonSchemaOptions): Serde<T>
  /**
   * Codec for Protobuf, by protobufjs. Values are plain objects: 64-bit integers as bigint, enums
   * by name, bytes as Buffer, names as in the .proto file, null for an unset message.
   *
   * @throws BAD_OPTION if an option is unknown
   * @throws BAD_SCHEMA if `schema` is not a .proto file, or lacks the message
   */
  protobuf<T>(options?: ProtobufOptions): Serde<T>
}

/**
 * Describes a schema registry (Confluent's, or another with the same API) that makes codecs.
 *
 *     const registry = schemaRegistry({ url: 'http://localhost:8081' })
 *     kafkaSource(cluster, { topic: 'orders', value: registry.avro<Order>() })
 *
 * The first request is made when a job opens a source or sink.
 *
 * @throws BAD_OPTION if an option is wrong
 */
export function schemaRegistry(options: SchemaRegistryOptions): SchemaRegistry {
  checkOptions('schemaRegistry', options, registryRules)
  const { timeout = 10_000, maxSchemas = 1_000, clock = systemClock, fetch: own = fetch } = options
  const client = registryClient(registryHttp({ ...options, fetch: own, clock, timeout }))
  const parts = { client, clock, maxSchemas }
  return {
    avro<T>(given: AvroOptions = {}) {
      checkOptions('avro', given, avroRules)
      return registrySerde<T>(parts, ...avroFormat<T>(given), given)
    },
    jsonSchema<T>(given: JsonSchemaOptions = {}) {
      checkOptions('jsonSchema', given, jsonSchemaRules)
      return registrySerde<T>(parts, ...jsonSchemaFormat<T>(given), given)
    },
    protobuf<T>(given: ProtobufOptions = {}) {
      checkOptions('protobuf', given, protobufRules)
      return registrySerde<T>(parts, ...protobufFormat<T>(given), given)
    },
  }
}

const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (callback, delay) => setTimeout(callback, delay),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
}
