import type { types } from 'avsc'
import type { SubjectOptions } from './registrySerde.ts'

/** Options of `avro`. */
export interface AvroOptions extends SubjectOptions {
  /**
   * Schema of the values, as an object or as JSON. Default: to read, the writer's schema; to write,
   * the latest schema of the subject.
   */
  readonly schema?: string | object | undefined
  /**
   * Type of Avro's longs: 'bigint'. Default: number, and a record with a long beyond the safe
   * integers is a bad record.
   */
  readonly longs?: 'bigint' | undefined
  /**
   * Classes of avsc for logical types, by name. Default: none, values are those of the underlying
   * type (a timestamp-millis is a number).
   */
  readonly logicalTypes?: Readonly<Record<string, new (...given: never[]) => types.LogicalType>> | undefined
}
