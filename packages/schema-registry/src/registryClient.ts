/**
 * What is asked of a schema registry, in the words of Confluent's
 * (https://docs.confluent.io/platform/current/schema-registry/develop/api.html).
 */
import { FatalError } from 'rxweft'
import type { NewSchema, ReferencedSchema, RegisteredSchema, SchemaReference, SchemaType } from './registeredSchema.ts'
import type { RegistryAnswer, RegistryHttp } from './registryHttp.ts'

/**
 * All reject as `RegistryHttp.request` does, and with Fatal REGISTRY_REFUSED on what is no answer
 * to the question.
 */
export interface RegistryClient {
  /** null: there is none. */
  byId(id: number): Promise<RegisteredSchema | null>
  /** The latest version of the subject. Rejects with Fatal SUBJECT_UNKNOWN. */
  latest(subject: string): Promise<RegisteredSchema>
  /**
   * The same schema, as it is registered under the subject. Rejects with Fatal
   * SCHEMA_NOT_REGISTERED.
   */
  find(subject: string, schema: NewSchema): Promise<RegisteredSchema>
  /** As `find`, and registers it first where it is not. Rejects with Fatal SCHEMA_INCOMPATIBLE. */
  register(subject: string, schema: NewSchema): Promise<RegisteredSchema>
}

interface Described {
  readonly id?: unknown
  readonly schema?: unknown
  readonly schemaType?: unknown
  readonly references?: readonly SchemaReference[]
}

export function registryClient(http: RegistryHttp): RegistryClient {
  const at = (subject: string): string => `subjects/${encodeURIComponent(subject)}`

  async function ask(path: string, body?: object): Promise<Described> {
    return described(await http.request(body === undefined ? 'GET' : 'POST', path, body))
  }

  function described(answer: RegistryAnswer): Described {
    if (answer.status === 200 && typeof answer.body === 'object' && answer.body !== null) return answer.body
    throw refused(http.shown, answer)
  }

  /** Each once, and after those that it needs. */
  async function referenced(
    references: readonly SchemaReference[] = [],
    found = new Map<string, ReferencedSchema>(),
  ): Promise<readonly ReferencedSchema[]> {
    for (const { name, subject, version } of references) {
      if (found.has(name)) continue
      const answer = await ask(`${at(subject)}/versions/${version}`)
      await referenced(answer.references, found)
      found.set(name, { name, schema: String(answer.schema) })
    }
    return [...found.values()]
  }

  async function registered(id: unknown, answer: Described): Promise<RegisteredSchema> {
    const { schema, schemaType = 'AVRO', references } = answer
    if (!Number.isInteger(id) || typeof schema !== 'string') throw refused(http.shown, { status: 200, body: answer })
    return { id: id as number, type: schemaType as SchemaType, schema, references: await referenced(references) }
  }

  async function own(id: unknown, { type, schema, references }: NewSchema): Promise<RegisteredSchema> {
    return registered(id, { schema, schemaType: type, references })
  }

  return {
    async byId(id) {
      const answer = await http.request('GET', `schemas/ids/${id}`)
      return answer.status === 404 ? null : registered(id, described(answer))
    },
    async latest(subject) {
      const answer = await http.request('GET', `${at(subject)}/versions/latest`)
      if (answer.status === 404) throw subjectUnknown(subject)
      const found = described(answer)
      return registered(found.id, found)
    },
    async find(subject, schema) {
      const answer = await http.request('POST', at(subject), bodyOf(schema))
      if (answer.status === 404) throw notRegistered(subject)
      return own(described(answer).id, schema)
    },
    async register(subject, schema) {
      const answer = await http.request('POST', `${at(subject)}/versions`, bodyOf(schema))
      if (answer.status === 409) throw incompatible(subject, answer)
      return own(described(answer).id, schema)
    },
  }
}

/** Avro goes without saying: old registries know nothing else. */
function bodyOf({ type, schema, references }: NewSchema): object {
  return {
    schema,
    ...(type !== 'AVRO' && { schemaType: type }),
    ...(references.length > 0 && { references }),
  }
}

function refused(shown: string, answer: RegistryAnswer): FatalError {
  return new FatalError(
    'REGISTRY_REFUSED',
    `the schema registry at ${shown} answered with status ${answer.status}${saidIn(answer)}`,
    {
      hint: 'Check that `url` is the address of a Confluent-compatible API. Some registries serve it under a path such as /apis/ccompat/v7',
    },
  )
}

function subjectUnknown(subject: string): FatalError {
  return new FatalError('SUBJECT_UNKNOWN', `the registry has no schema under the subject ${subject}`, {
    hint: 'Give a `schema` and set `register: true`, or register a schema before the job starts',
  })
}

function notRegistered(subject: string): FatalError {
  return new FatalError('SCHEMA_NOT_REGISTERED', `the schema is not registered under the subject ${subject}`, {
    hint: 'Set `register: true`, or register the schema before the job starts',
  })
}

function incompatible(subject: string, answer: RegistryAnswer): FatalError {
  return new FatalError(
    'SCHEMA_INCOMPATIBLE',
    `the registry rejected the schema for the subject ${subject}${saidIn(answer)}`,
    {
      hint: 'Make the schema compatible with its earlier versions, or use another subject',
    },
  )
}

/** What a registry says is about schemas: there is no data in it. */
function saidIn({ body }: RegistryAnswer): string {
  const { message } = (body ?? {}) as { readonly message?: unknown }
  return typeof message === 'string' ? `: ${message.slice(0, 300)}` : ''
}
