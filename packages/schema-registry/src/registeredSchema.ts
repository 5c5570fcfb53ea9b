/** Format of a schema. */
export type SchemaType = 'AVRO' | 'JSON' | 'PROTOBUF'

/** Reference to another registered schema, under the name that the referring schema uses. */
export interface SchemaReference {
  /** Name: a full type name in Avro, a $ref in JSON Schema, an import in Protobuf. */
  readonly name: string
  /** Subject under which the schema is registered. */
  readonly subject: string
  /** Version within the subject. */
  readonly version: number
}

/** Schema as stored in the registry. */
export interface RegisteredSchema {
  readonly id: number
  readonly type: SchemaType
  /** Text of the schema. */
  readonly schema: string
  /** Schemas that it refers to, directly or not, each after those that it needs. */
  readonly references: readonly ReferencedSchema[]
}

export interface ReferencedSchema {
  readonly name: string
  readonly schema: string
}

/** Schema to register or to look up. */
export interface NewSchema {
  readonly type: SchemaType
  readonly schema: string
  readonly references: readonly SchemaReference[]
}
