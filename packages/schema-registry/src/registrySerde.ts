import { type Clock, FatalError, RetriableError, RxweftError, type Serde } from 'rxweft'
import type { NewSchema, RegisteredSchema, SchemaReference, SchemaType } from './registeredSchema.ts'
import type { RegistryClient } from './registryClient.ts'
import { type Fetched, schemaCache } from './schemaCache.ts'
import { dataIn, framed, idIn, notFramed } from './wireFormat.ts'

/** Options for writing: under which subject the schema is registered. */
export interface SubjectOptions {
  /**
   * Subject of the schema that is written with, by convention "orders-value" for the values of
   * topic orders. Required to write; default: none, the codec only reads.
   */
  readonly subject?: string | undefined
  /**
   * Whether to register the schema under the subject when a job starts. Default false: it must be
   * registered.
   */
  readonly register?: boolean | undefined
  /** Registered schemas that `schema` refers to. Default: none. */
  readonly references?: readonly SchemaReference[] | undefined
}

/** Reading and writing of one schema format. */
export interface Format<T> {
  readonly type: SchemaType
  /** Makes a reader of data. Throws if the schema cannot be read with. */
  reader(written: RegisteredSchema): Reader<T>
  /**
   * Makes a writer of data. Throws if the schema cannot be written with. The writer throws a
   * TypeError on a value that does not fit, naming the place and no value.
   */
  writer(schema: RegisteredSchema): (value: T) => Uint8Array
}

/** Decodes data; throws if the data does not fit its schema. */
export interface Reader<T> {
  decode(data: Buffer): T
  /** Decodes by the writer's schema, before conversion to the reader's. */
  parse(data: Buffer): unknown
}

export interface RegistryParts {
  readonly client: RegistryClient
  readonly clock: Clock
  readonly maxSchemas: number
}

/**
 * Makes the serde of one format: it selects schemas and handles the wire format around the data.
 *
 * @param own schema given by the user, as text; undefined: the latest of the subject
 */
export function registrySerde<T>(
  { client, clock, maxSchemas }: RegistryParts,
  format: Format<T>,
  own: string | undefined,
  options: SubjectOptions,
): Serde<T> {
  const { subject, references = [] } = options
  const readers = schemaCache<Reader<T> | RxweftError>(load, maxSchemas, clock)
  let write: ((value: T) => Uint8Array) | undefined

  async function load(id: number): Promise<Fetched<Reader<T> | RxweftError>> {
    const written = await client.byId(id)
    if (written === null) return { known: unknownSchema(id), tentative: true }
    if (written.type !== format.type) return { known: otherType(written, format.type), tentative: false }
    return { known: readerOf(format, written), tentative: false }
  }

  function reading(bytes: Buffer | null): Reader<T> {
    const id = idIn(bytes)
    if (id === null) throw notFramed(bytes)
    const known = readers.get(id)
    if (known === undefined) throw notPrepared(id)
    if (known instanceof RxweftError) throw known
    return known
  }

  return {
    encode(value) {
      if (write === undefined) throw noSubject(subject)
      return write(value)
    },
    decode: (bytes) => reading(bytes).decode(dataIn(bytes as Buffer)),
    parse: (bytes) => reading(bytes).parse(dataIn(bytes as Buffer)),
    prepare(bytes) {
      const id = idIn(bytes)
      return id === null ? undefined : readers.fetch(id)
    },
    async open() {
      if (subject === undefined) return
      const schema = await schemaToWrite(
        client,
        subject,
        options.register ?? false,
        own && { ...format, schema: own, references },
      )
      const data = writerOf(format, schema, subject)
      write = (value) => framed(schema.id, data(value))
    },
  }
}

function schemaToWrite(
  client: RegistryClient,
  subject: string,
  register: boolean,
  own: NewSchema | '' | undefined,
): Promise<RegisteredSchema> {
  if (!own) return client.latest(subject)
  return register ? client.register(subject, own) : client.find(subject, own)
}

function readerOf<T>(format: Format<T>, written: RegisteredSchema): Reader<T> | RxweftError {
  try {
    return format.reader(written)
  } catch (thrown) {
    return unreadable(written.id, thrown)
  }
}

function writerOf<T>(format: Format<T>, schema: RegisteredSchema, subject: string): (value: T) => Uint8Array {
  try {
    if (schema.type !== format.type) throw otherType(schema, format.type)
    return format.writer(schema)
  } catch (thrown) {
    throw new FatalError(
      'SCHEMA_NOT_USABLE',
      `the codec cannot write values with schema ${schema.id} of the subject ${subject}: ${said(thrown)}`,
      {
        hint: 'Give a schema for these values in the format of this codec',
        cause: thrown,
      },
    )
  }
}

function unknownSchema(id: number): FatalError {
  return new FatalError(
    'UNKNOWN_SCHEMA',
    `the record was written with schema ${id}, which the registry does not have`,
    {
      hint: 'Check that it was written through the same registry. `onError` decides about such records',
      badRecord: true,
    },
  )
}

function otherType({ id, type }: RegisteredSchema, expected: SchemaType): FatalError {
  return new FatalError('OTHER_SCHEMA_TYPE', `schema ${id} is of type ${type}, but the codec reads ${expected}`, {
    hint: 'Use the codec of that type, or another topic',
    badRecord: true,
  })
}

function unreadable(id: number, thrown: unknown): FatalError {
  return new FatalError(
    'SCHEMA_NOT_READABLE',
    `records that were written with schema ${id} cannot be read: ${said(thrown)}`,
    {
      hint: 'Give the codec a `schema` that is compatible with this schema, or none',
      badRecord: true,
      cause: thrown,
    },
  )
}

/** More schemas at once than the cache holds. */
function notPrepared(id: number): RetriableError {
  return new RetriableError('SCHEMA_NOT_PREPARED', `schema ${id} was not fetched before its record was decoded`, {
    hint: 'Raise `maxSchemas` of schemaRegistry. Code that calls decode must await prepare first',
  })
}

function noSubject(subject: string | undefined): FatalError {
  return subject === undefined
    ? new FatalError('NO_SUBJECT', 'the codec has no subject, so it has no schema to write with', {
        hint: "Set `subject`, e.g. subject: 'orders-value'",
      })
    : new FatalError('NOT_OPENED', 'the codec was not opened before a value was encoded', {
        hint: 'Await open() first',
      })
}

function said(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
