/** rxweft/embedded: source, sink and ledger in one crash-safe file, with no broker. */
export { type EmbeddedLog, embeddedLog, type LogRecord, type NewRecord } from './embeddedLog.ts'
export type { EmbeddedSourceOptions } from './embeddedReader.ts'
export { type EmbeddedRepartitionOptions, embeddedRepartition } from './embeddedRepartition.ts'
export { type EmbeddedSinkOptions, embeddedSink } from './embeddedSink.ts'
export { embeddedSource } from './embeddedSource.ts'
