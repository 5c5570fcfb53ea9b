/**
 * The table of error codes: consequence, meaning and what to do. The type `ErrorCode` and
 * docs/errors.md are derived from it. The library imports types from here and no value: programs do
 * not load the texts.
 */
import { embeddedCodes, kafkaCodes, registryCodes, topicCodes } from './connectorCodes.ts'
import { consoleCodes } from './consoleCodes.ts'
import { definitionCodes } from './definitionCodes.ts'
import { ledgerCodes } from './ledgerCodes.ts'
import { memberCodes } from './memberCodes.ts'
import { recordCodes } from './recordCodes.ts'
import type { Consequence, ErrorRow } from './row.ts'
import { runCodes } from './runCodes.ts'
import { stateCodes, storageCodes } from './stateCodes.ts'
import { testingCodes } from './testingCodes.ts'

export const errorCodes = {
  ...definitionCodes,
  ...ledgerCodes,
  ...runCodes,
  ...memberCodes,
  ...recordCodes,
  ...stateCodes,
  ...storageCodes,
  ...topicCodes,
  ...kafkaCodes,
  ...embeddedCodes,
  ...registryCodes,
  ...consoleCodes,
  ...testingCodes,
} as const satisfies Readonly<Record<string, ErrorRow>>

type Codes = typeof errorCodes

/**
 * Codes of the errors that rxweft raises itself. Errors that Kafka brokers report have Kafka's
 * names instead.
 */
export type ErrorCode = keyof Codes

/** Codes of errors with one consequence. */
export type CodeOf<Kind extends Consequence> = {
  [Code in ErrorCode]: Codes[Code]['consequence'] extends Kind ? Code : never
}[ErrorCode]

/** Sections of the page of errors, in their order. */
export const errorSections: readonly (readonly [title: string, codes: Readonly<Record<string, ErrorRow>>])[] = [
  ['Defining a job', definitionCodes],
  ['Ownership and the ledger', ledgerCodes],
  ['Starting and running a job', runCodes],
  ['Several processes', memberCodes],
  ['Records', recordCodes],
  ['State', stateCodes],
  ['Checkpoint storage', storageCodes],
  ['Topics and partitions', topicCodes],
  ['Kafka', kafkaCodes],
  ['Embedded log', embeddedCodes],
  ['Schema registry', registryCodes],
  ['Page of a job', consoleCodes],
  ['Testing', testingCodes],
]
