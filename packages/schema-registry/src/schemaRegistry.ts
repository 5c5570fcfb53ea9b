/** The way in: one registry, and codecs for what its schemas describe. */
import { type Clock, FatalError, type Serde } from 'rxweft'
import { type AvroOptions, avroFormat } from './avro.ts'
import { type JsonSchemaOptions, jsonSchemaFormat } from './jsonSchema.ts'
import { type ProtobufOptions, protobufFormat } from './protobuf.ts'
import { registryClient } from './registryClient.ts'
import { type RegistryAuth, registryHttp } from './registryHttp.ts'
import { registrySerde } from './registrySerde.ts'

export interface SchemaRegistryOptions {
  /** Where it is, with the path that comes before /subjects and /schemas. */
  readonly url: string
  /** Basic authentication or a bearer token. What `url` has of that is taken, too. */
  readonly auth?: RegistryAuth | undefined
  /** For proxies, certificates and tests. Default: Node's. */
  readonly fetch?: typeof fetch | undefined
  /** Default: the time of the system. */
  readonly clock?: Clock | undefined
  /** How long one request may take, ms; default 10,000. Each is tried three times. */
  readonly timeout?: number | undefined
  /** So many schemas stay compiled for sure, for each codec; default 1,000. */
  readonly maxSchemas?: number | undefined
}

/**
 * Each method makes a codec for a source, a sink or both. A sink needs `subject`; a source needs nothing. That what is read is a T, nobody checks
 * beyond what the schema says.
 *
 * Errors when a job starts: Retriable REGISTRY_UNAVAILABLE; Fatal REGISTRY_DENIED, REGISTRY_REFUSED, SUBJECT_UNKNOWN, SCHEMA_NOT_REGISTERED,
 * SCHEMA_INCOMPATIBLE, SCHEMA_NOT_USABLE. Of bad records: NOT_IN_WIRE_FORMAT, UNKNOWN_SCHEMA, OTHER_SCHEMA_TYPE, SCHEMA_NOT_READABLE, and DECODE_FAILED
 * where the data is not what its schema says.
 */
export interface SchemaRegistry {
  /** Throws Fatal BAD_SCHEMA on a schema that is no Avro schema. */
  avro<T>(options?: AvroOptions): Serde<T>
  /** Throws Fatal BAD_SCHEMA on a schema that cannot be compiled. */
  jsonSchema<T>(options?: JsonSchemaOptions): Serde<T>
  /** Throws Fatal BAD_SCHEMA on what is no .proto, or has no such message. */
  protobuf<T>(options?: ProtobufOptions): Serde<T>
}

/** Makes no request: the first is made when a job opens a source or sink. Throws Fatal BAD_REGISTRY_OPTIONS. */
export function schemaRegistry(options: SchemaRegistryOptions): SchemaRegistry {
  const { timeout = 10_000, maxSchemas = 1_000, clock = systemClock, fetch: own = fetch } = options
  if (!(timeout >= 1 && timeout < 2 ** 31)) throw bad(`timeout: ${timeout}`, 'Give ms, 1 or more')
  if (!(maxSchemas >= 1)) throw bad(`maxSchemas: ${maxSchemas}`, 'Give a number of schemas, 1 or more')
  const client = registryClient(registryHttp({ ...options, fetch: own, clock, timeout }))
  const parts = { client, clock, maxSchemas }
  return {
    avro: <T>(given: AvroOptions = {}) => registrySerde<T>(parts, ...avroFormat<T>(given), given),
    jsonSchema: <T>(given: JsonSchemaOptions = {}) => registrySerde<T>(parts, ...jsonSchemaFormat<T>(given), given),
    protobuf: <T>(given: ProtobufOptions = {}) => registrySerde<T>(parts, ...protobufFormat<T>(given), given),
  }
}

const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (callback, delay) => setTimeout(callback, delay),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
}

function bad(what: string, hint: string): FatalError {
  return new FatalError('BAD_REGISTRY_OPTIONS', what, { hint })
}
