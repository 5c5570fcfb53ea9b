/** What a registry knows about a schema. */

export type SchemaType = 'AVRO' | 'JSON' | 'PROTOBUF'

/** Another schema that this one refers to, under the name that it uses for it. */
export interface SchemaReference {
  /** Avro: the full name of a type. JSON Schema: a $ref. Protobuf: what is imported. */
  readonly name: string
  readonly subject: string
  readonly version: number
}

export interface RegisteredSchema {
  readonly id: number
  readonly type: SchemaType
  /** Its text. */
  readonly schema: string
  /** All schemas that it refers to, and those that these refer to, each after those that it needs. */
  readonly references: readonly ReferencedSchema[]
}

export interface ReferencedSchema {
  readonly name: string
  readonly schema: string
}

/** A schema as it is registered or looked up. */
export interface NewSchema {
  readonly type: SchemaType
  readonly schema: string
  readonly references: readonly SchemaReference[]
}
