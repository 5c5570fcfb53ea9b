/** rxweft/embedded: source, sink and ledger in one crash-safe file, with no broker. */
export { type EmbeddedLog, embeddedLog, type LogRecord, type NewRecord } from './embedded/embeddedLog.ts'
export { type EmbeddedSinkOptions, embeddedSink } from './sinks/embeddedSink.ts'
export { type EmbeddedSourceOptions, embeddedSource } from './sources/embeddedSource.ts'
export { type EmbeddedTopicOptions, embeddedTopic } from './through/embeddedTopic.ts'
