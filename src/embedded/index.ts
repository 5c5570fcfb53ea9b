/** rxweft/embedded: source, sink and ledger in one crash-safe file, with no broker. */
export { type EmbeddedLog, embeddedLog, type LogRecord, type NewRecord } from './embeddedLog.ts'
export { type EmbeddedTopicOptions, embeddedTopic } from './embeddedRepartition.ts'
export { type EmbeddedSinkOptions, embeddedSink } from './embeddedSink.ts'
export { type EmbeddedSourceOptions, embeddedSource } from './embeddedSource.ts'
