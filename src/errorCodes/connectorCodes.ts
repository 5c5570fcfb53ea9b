import { corrupted, fatal, retriable } from './row.ts'

/** Topics and partitions, of Kafka, of an embedded log and of memory sources. */
export const topicCodes = {
  TOPIC_MISSING: fatal(
    'A topic does not exist, or has been deleted.',
    'Create it with as many partitions as you need, or correct its name. rxweft creates only its own topics.',
  ),
  TOPIC_EXISTS: fatal(
    'The topic exists with another number of partitions.',
    'Use the existing number of partitions, or another name.',
  ),
  TOPIC_RECREATED: fatal(
    'The topic was deleted and created again after the last checkpoint, so the offsets do not apply.',
    'Restore the old topic, or start the job under another name to read the new one from its beginning.',
  ),
  PARTITION_MISSING: fatal(
    'The last checkpoint has the offset of a partition that the topic does not have.',
    'Check that the job uses the right cluster, log file or memory source.',
  ),
  OFFSET_OUT_OF_RANGE: fatal(
    'The next record to read is not in the partition: retention has removed it, or the topic is older than the checkpoint.',
    'Restore the topic, or start the job under another name. Raise the retention of the topic.',
  ),
  START_OFFSET_UNKNOWN: fatal('`startFrom` names a partition that the topic does not have.', 'Correct `startFrom`.'),
  LOG_TRUNCATED: corrupted(
    'The partition lost acknowledged records in an unclean leader election. State and output were made from them.',
    'Compare the topic with state and output, or start over under another job name. See `unclean.leader.election.enable` and `min.insync.replicas`.',
  ),
  REPARTITION_TOPIC_MISSING: fatal(
    'The repartition topic does not exist, and the cluster does not allow this user to create it.',
    'Grant the right to create it, or create it with the command in the message.',
  ),
  REPARTITION_TOPIC_NOT_CREATED: retriable(
    'The repartition topic could not be created, or no broker shows it yet.',
    'Check that the brokers are up. The next attempt tries again.',
  ),
  REPARTITION_TOPIC_CHANGED: fatal(
    'The repartition topic has another number of partitions than the job, so keys would leave their state.',
    'Set `partitions` to the existing number, or give the repartition another name.',
  ),
  MARKER_DAMAGED: corrupted(
    'A watermark in a repartition topic cannot be read.',
    'Let nobody else write to the topic, and start no older version of rxweft than the one that wrote it.',
  ),
  SOURCE_ENDED: fatal(
    'A value was pushed to a source that has ended.',
    'Push before `end()`. For a memory source made of values, set `unbounded: true`.',
  ),
} as const

/**
 * Connections to Kafka brokers, and what they answer. Errors that brokers report have Kafka's own
 * names, see below.
 */
export const kafkaCodes = {
  BROKERS_UNREACHABLE: retriable(
    'None of the configured brokers can be reached.',
    'Check `brokers`, `ssl` and `sasl` of the cluster, and that the brokers are up.',
  ),
  CONNECTION_FAILED: retriable(
    'A connection to a broker could not be opened, or broke before a request was sent.',
    'Check that the broker is up, and that `ssl` and `sasl` match its listener.',
  ),
  CONNECTION_LOST: retriable(
    'A connection broke after a request was sent and before its answer came.',
    'If this happens at every start, check that `ssl` and `sasl` match the listener of the broker.',
  ),
  CONNECTION_CLOSED: retriable('The job has closed its connections.', 'Nothing: the attempt is over.'),
  REQUEST_TIMEOUT: retriable(
    'A broker did not answer a request within `requestTimeout`.',
    'Check whether the broker is overloaded, or raise `requestTimeout` of the cluster.',
  ),
  MALFORMED_ANSWER: retriable(
    'The answer of a broker cannot be parsed.',
    'If it repeats, check that the address belongs to a Kafka broker, and report it as a bug in rxweft.',
  ),
  ANSWER_INCOMPLETE: retriable(
    'The answer of a broker covers other partitions than the request.',
    'Nothing: the next attempt reads from the ledger what was committed.',
  ),
  REFUSED_IN_DOUBT: retriable(
    'A broker refused a batch whose first answer was lost, so it is unknown whether the batch was written.',
    'Nothing: the next attempt writes its records again, and consumers do not see those of this attempt.',
  ),
  NODE_UNKNOWN: retriable(
    'The metadata of the cluster name a broker that the cluster does not list.',
    'Nothing, unless it repeats: then check that the broker is up.',
  ),
  NO_LEADER: retriable(
    'A partition has no leader, or only brokers with outdated metadata answer.',
    'Check that its brokers and the controller are up.',
  ),
  LEADER_SILENT: retriable('The leader of a partition does not answer.', 'Check that this broker is up.'),
  AUTHENTICATION_FAILED: fatal('The broker rejected the login.', 'Check `sasl` of the cluster.'),
  TLS_FAILED: fatal(
    'The TLS handshake with a broker failed.',
    'Check `ssl` of the cluster: the CA, the client certificate and key, and the host names in `brokers`.',
  ),
  BROKER_UNSUITABLE: fatal('The broker does not support a request that rxweft needs.', 'Use Kafka 3.1 or newer.'),
  PARTITION_UNREAD: retriable(
    'A tool could not read a partition up to its end.',
    'Check that the leader of the partition is up, and try again.',
  ),
  BATCH_DAMAGED: corrupted(
    'A record batch is damaged, or its producer wrote it wrongly. Nothing of it was processed.',
    'Check whether another replica of the partition is intact. If the checksum is right, `onError` decides about the batch.',
  ),
  BATCH_TOO_LARGE: fatal(
    'A record batch is larger after decompression than `maxDecompressedBytes` allows. Nothing of it was processed.',
    'Raise `maxDecompressedBytes` if you trust the producer, or set `onError`.',
  ),
} as const

/** The embedded log. */
export const embeddedCodes = {
  NOT_A_LOG: fatal(
    'The first argument of an embedded source or sink is not an embedded log.',
    'Pass the object that `embeddedLog(file)` returned, not a copy of it.',
  ),
  LOG_NOT_OPENED: fatal(
    'The log file cannot be opened.',
    'Name a file on a local disk that the process may read and write.',
  ),
  LOG_NOT_WRITTEN: retriable(
    'The log file cannot be read or written. Committed records are intact.',
    'Check that the disk is not full.',
  ),
  LOG_CLOSED: fatal('The log was closed while a job used it.', 'Close the log after its jobs have ended.'),
  LOG_DAMAGED: corrupted(
    'The log file is damaged, or is not an embedded log. Nothing was written to it.',
    'Name another file, or replace this one with an intact copy.',
  ),
  LOG_NEWER: corrupted(
    'A newer version of rxweft wrote the log file.',
    'Upgrade rxweft to the version that wrote it, or a later one.',
  ),
} as const

/** The package `rxweft-schema-registry`. */
export const registryCodes = {
  REGISTRY_UNAVAILABLE: retriable(
    'The schema registry does not answer. Nothing is lost: the job continues once it answers.',
    'Check that the registry is up, and its `url`.',
  ),
  REGISTRY_DENIED: fatal(
    'The schema registry rejected the credentials, or denies access to the subject.',
    'Check `auth`, and the rights of its user.',
  ),
  REGISTRY_REFUSED: fatal(
    'The schema registry answered with an unexpected status.',
    'Check that `url` is the address of a Confluent-compatible API. Some registries serve it under a path such as /apis/ccompat/v7.',
  ),
  NO_SUBJECT: fatal(
    'A value was encoded by a codec without a subject, so there is no schema to write it with.',
    "Set `subject`, e.g. `subject: 'orders-value'`.",
  ),
  SUBJECT_UNKNOWN: fatal(
    'The registry has no schema under this subject.',
    'Give a `schema` and set `register: true`, or register a schema before the job starts.',
  ),
  BAD_SCHEMA: fatal(
    'The schema cannot be parsed.',
    'Give a schema in the format of the codec, with the schemas that it refers to in `references`.',
  ),
  SCHEMA_NOT_REGISTERED: fatal(
    'The schema is not registered under this subject.',
    'Set `register: true`, or register it before the job starts.',
  ),
  SCHEMA_INCOMPATIBLE: fatal(
    'The registry rejected the schema as incompatible with earlier versions.',
    'Make the schema compatible with earlier versions, or use another subject.',
  ),
  SCHEMA_NOT_USABLE: fatal(
    'The codec cannot write values with the schema of this subject.',
    'Give a schema for these values in the format of the codec.',
  ),
  SCHEMA_NOT_READABLE: fatal(
    'The codec cannot read records that were written with this schema.',
    'Give the codec a compatible `schema`, or none. `onError` decides about such records.',
  ),
  SCHEMA_NOT_PREPARED: retriable(
    'A record was decoded before its schema was fetched.',
    'Raise `maxSchemas` of `schemaRegistry`. Code that calls `decode` must await `prepare` first.',
  ),
  UNKNOWN_SCHEMA: fatal(
    'A record was written with a schema id that the registry does not have.',
    'Check that the record was written through the same registry. `onError` decides about such records.',
  ),
  OTHER_SCHEMA_TYPE: fatal(
    'A record was written with a schema of another type than the codec reads.',
    'Use the codec of that type, or another topic.',
  ),
  NOT_IN_WIRE_FORMAT: fatal(
    'A record does not begin with the byte 0 and a schema id.',
    'The record was not written through a schema registry: use another codec, or set `onError`.',
  ),
} as const
