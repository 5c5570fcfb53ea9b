/**
 * What the brokers' error numbers mean for a job: the only place where that is decided.
 *
 * `refused`: the request was not applied, or the broker recognises it when it comes again. `inDoubt`:
 * it may have been applied, which only a request that the broker recognises may ignore. EndTxn is the
 * exception: a coordinator that cannot tell whether its decision has reached the transaction log answers
 * 15 or 16 as well, so each of its errors is a doubt (see producer.ts).
 */
import { CorruptedError, FatalError, FencedError, RetriableError, type RxweftError, type Where } from '../../errors.ts'

export interface BrokerError {
  /** Kafka's own name. */
  readonly name: string
  readonly consequence: 'retriable' | 'fenced' | 'corrupted' | 'fatal'
  readonly means: string
  readonly refused: boolean
  readonly inDoubt?: true
  readonly hint?: string
}

/** The error of a broker as ours. Its code is Kafka's name for it; an unknown one is Retriable, UNKNOWN_BROKER_ERROR_<number>. */
export function brokerError(code: number, api: string, where: Where, message?: string | null): RxweftError {
  const { name, consequence, means, hint } = brokerErrors.get(code) ?? unknown(code)
  const detail = hint === undefined ? { where } : { where, hint }
  return new classes[consequence](name, `${api} failed: ${means}${message ? ` ("${message}")` : ''}`, detail)
}

/** Whether the very same request may be sent again. Not to be asked about EndTxn. */
export function isRefused(code: number): boolean {
  return brokerErrors.get(code)?.refused ?? false
}

const classes = { retriable: RetriableError, fenced: FencedError, corrupted: CorruptedError, fatal: FatalError }

function unknown(code: number): BrokerError {
  const means = `the broker answered with error ${code}, which this version of rxweft does not know`
  return { name: `UNKNOWN_BROKER_ERROR_${code}`, consequence: 'retriable', means, refused: false }
}

/** Refused, and likely to be granted soon. */
function later(name: string, means: string, hint?: string): BrokerError {
  return { name, consequence: 'retriable', means, refused: true, ...(hint === undefined ? {} : { hint }) }
}

/** The outcome is unknown, or sending the same again would not help: the attempt ends, a restart may. */
function restart(name: string, means: string, hint?: string): BrokerError {
  return { name, consequence: 'retriable', means, refused: false, ...(hint === undefined ? {} : { hint }) }
}

/** The outcome is unknown: only a request that the broker recognises may be sent again. */
function doubtful(name: string, means: string, hint?: string): BrokerError {
  return { ...restart(name, means, hint), inDoubt: true }
}

function fenced(name: string, means: string, hint: string): BrokerError {
  return { name, consequence: 'fenced', means, refused: false, hint }
}

function fatal(name: string, means: string, hint: string): BrokerError {
  return { name, consequence: 'fatal', means, refused: false, hint }
}

/** A broker that has not heard of a new topic yet says so, too: it may be asked again for a while, and then it is Fatal. */
function replaced(name: string, means: string): BrokerError {
  const hint = 'The topic was deleted, and perhaps created again: offsets of the old one mean nothing in the new one'
  return { name, consequence: 'fatal', means, refused: true, hint }
}

const groupInUse = 'Another consumer group uses this groupId with members of its own; give the source another groupId'
const ourFault = 'Please report this: rxweft and this broker do not understand each other'
const leaderMoved = "the partition's leader has moved, or is about to"

export const brokerErrors: ReadonlyMap<number, BrokerError> = new Map<number, BrokerError>([
  [-1, restart('UNKNOWN_SERVER_ERROR', 'the broker failed unexpectedly', "See the broker's log")],
  [
    1,
    fatal(
      'OFFSET_OUT_OF_RANGE',
      'the offset is not in the log (any more)',
      'The topic has lost records that were not read yet: check its retention',
    ),
  ],
  [2, later('CORRUPT_MESSAGE', 'a record batch has a wrong checksum, or has no key where the topic is compacted')],
  [
    3,
    later(
      'UNKNOWN_TOPIC_OR_PARTITION',
      'the broker does not have this topic or partition',
      'Check that the topic exists',
    ),
  ],
  [4, fatal('INVALID_FETCH_SIZE', 'the fetch size is not allowed', ourFault)],
  [5, later('LEADER_NOT_AVAILABLE', 'the partition has no leader at the moment')],
  // With acks=all it may also come after the append: the sequence number makes sending it again harmless.
  [6, later('NOT_LEADER_OR_FOLLOWER', leaderMoved)],
  [7, doubtful('REQUEST_TIMED_OUT', 'the broker could not complete it in time, it may have been applied')],
  [8, later('BROKER_NOT_AVAILABLE', 'the broker is not available')],
  [9, later('REPLICA_NOT_AVAILABLE', 'the replica is not available')],
  [
    10,
    fatal(
      'MESSAGE_TOO_LARGE',
      'the record batch is larger than the broker takes',
      "Raise the topic's max.message.bytes, or lower batchBytes of the sink; a single record must fit, too",
    ),
  ],
  [12, fatal('OFFSET_METADATA_TOO_LARGE', 'the metadata of an offset is too large', ourFault)],
  [13, doubtful('NETWORK_EXCEPTION', 'the broker lost its connection to another one')],
  [14, later('COORDINATOR_LOAD_IN_PROGRESS', 'the coordinator is still loading')],
  [15, later('COORDINATOR_NOT_AVAILABLE', 'there is no coordinator at the moment')],
  [16, later('NOT_COORDINATOR', 'the coordinator has moved')],
  [17, fatal('INVALID_TOPIC_EXCEPTION', 'the topic has no valid name, or is internal', 'Choose another topic')],
  [
    18,
    fatal(
      'RECORD_LIST_TOO_LARGE',
      "the record batch is larger than the topic's segments",
      "Raise the topic's segment.bytes, or lower batchBytes of the sink",
    ),
  ],
  [
    19,
    later(
      'NOT_ENOUGH_REPLICAS',
      'too few replicas are in sync, or the broker could not verify the transaction',
      'Check min.insync.replicas against the brokers that are up, and that brokers can reach each other',
    ),
  ],
  [20, doubtful('NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'it was written, but too few replicas have it')],
  [21, fatal('INVALID_REQUIRED_ACKS', 'acks has a value that the broker does not know', ourFault)],
  [22, fatal('ILLEGAL_GENERATION', 'the consumer group has another generation', groupInUse)],
  [24, fatal('INVALID_GROUP_ID', 'the group id is not valid', 'Give the source another groupId')],
  [25, fatal('UNKNOWN_MEMBER_ID', 'the consumer group has members, and this is none of them', groupInUse)],
  [27, fatal('REBALANCE_IN_PROGRESS', 'the consumer group is rebalancing', groupInUse)],
  [28, fatal('INVALID_COMMIT_OFFSET_SIZE', 'the committed offsets are too large', ourFault)],
  [
    29,
    fatal(
      'TOPIC_AUTHORIZATION_FAILED',
      'access to the topic is denied',
      'The user needs the ACLs Read and Describe on topics that are read, Write and Describe on those that are written',
    ),
  ],
  [
    30,
    fatal(
      'GROUP_AUTHORIZATION_FAILED',
      'access to the consumer group is denied',
      'The user needs the ACL Read on the group',
    ),
  ],
  [
    31,
    fatal(
      'CLUSTER_AUTHORIZATION_FAILED',
      'access to the cluster is denied',
      'The user needs the ACL IdempotentWrite on the cluster to write, Create to create topics',
    ),
  ],
  [
    32,
    fatal(
      'INVALID_TIMESTAMP',
      "a record's timestamp is out of the range that the topic allows",
      "See the topic's message.timestamp.type, message.timestamp.before.max.ms and message.timestamp.after.max.ms",
    ),
  ],
  [33, fatal('UNSUPPORTED_SASL_MECHANISM', 'the broker does not offer this SASL mechanism', 'Check sasl.mechanism')],
  [
    34,
    fatal(
      'ILLEGAL_SASL_STATE',
      'the broker expects another step of authentication',
      'Check sasl and ssl of the cluster',
    ),
  ],
  [
    35,
    fatal(
      'UNSUPPORTED_VERSION',
      'the broker does not support this version of the request',
      'Kafka 3.1 or newer is needed',
    ),
  ],
  [36, fatal('TOPIC_ALREADY_EXISTS', 'the topic exists already', 'Choose another name')],
  [37, fatal('INVALID_PARTITIONS', 'the number of partitions is not allowed', 'Ask for at least one')],
  [
    38,
    fatal(
      'INVALID_REPLICATION_FACTOR',
      'there are fewer brokers than replicas',
      'See default.replication.factor of the brokers',
    ),
  ],
  [40, fatal('INVALID_CONFIG', 'the configuration is not allowed', 'See the message of the broker')],
  [41, later('NOT_CONTROLLER', 'the controller has moved')],
  [42, fatal('INVALID_REQUEST', 'the broker does not understand the request', ourFault)],
  [
    43,
    fatal(
      'UNSUPPORTED_FOR_MESSAGE_FORMAT',
      'the topic has a message format older than Kafka 0.11',
      'Convert the topic',
    ),
  ],
  [
    44,
    fatal('POLICY_VIOLATION', "the request violates one of the cluster's policies", 'See the message of the broker'),
  ],
  [45, restart('OUT_OF_ORDER_SEQUENCE_NUMBER', 'a batch before this one is missing')],
  [46, restart('DUPLICATE_SEQUENCE_NUMBER', 'the broker has had a batch with this sequence number before')],
  [
    47,
    fenced(
      'INVALID_PRODUCER_EPOCH',
      'a newer producer has the same transactional id, or the transaction took too long and was aborted',
      'If no other run of this job is alive, raise transactionTimeout of the sink',
    ),
  ],
  [48, restart('INVALID_TXN_STATE', 'the transaction is not in a state that allows it, it may have been aborted')],
  [49, restart('INVALID_PRODUCER_ID_MAPPING', 'the transactional id has another producer id by now, or has expired')],
  [
    50,
    fatal(
      'INVALID_TRANSACTION_TIMEOUT',
      'the transaction timeout is longer than the brokers allow',
      'Lower transactionTimeout of the sink, or raise transaction.max.timeout.ms of the brokers',
    ),
  ],
  [51, later('CONCURRENT_TRANSACTIONS', 'the last transaction of this transactional id is still being completed')],
  [52, restart('TRANSACTION_COORDINATOR_FENCED', 'the transaction coordinator has moved meanwhile')],
  [
    53,
    fatal(
      'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
      'use of the transactional id is denied',
      'The user needs the ACLs Write and Describe on transactional ids that start with transactionalIdPrefix of the sink',
    ),
  ],
  [55, later('OPERATION_NOT_ATTEMPTED', 'another part of the request failed, so this one was not attempted')],
  [56, doubtful('KAFKA_STORAGE_ERROR', 'the broker has trouble with its disk', "See the broker's log")],
  [58, fatal('SASL_AUTHENTICATION_FAILED', 'the broker does not accept the credentials', 'Check sasl of the cluster')],
  [59, restart('UNKNOWN_PRODUCER_ID', 'the broker has forgotten the producer id')],
  [69, fatal('GROUP_ID_NOT_FOUND', 'the consumer group does not exist', groupInUse)],
  [70, later('FETCH_SESSION_ID_NOT_FOUND', 'the broker has forgotten the fetch session')],
  [71, later('INVALID_FETCH_SESSION_EPOCH', 'the fetch session is at another epoch')],
  [
    72,
    later(
      'LISTENER_NOT_FOUND',
      "the partition's leader has no listener like the one in use",
      'Give all brokers the same listeners',
    ),
  ],
  [74, later('FENCED_LEADER_EPOCH', leaderMoved)],
  [75, later('UNKNOWN_LEADER_EPOCH', 'the broker has not heard of the newest leader yet')],
  [
    76,
    fatal('UNSUPPORTED_COMPRESSION_TYPE', 'the broker does not support this compression', 'Choose another compression'),
  ],
  [78, later('OFFSET_NOT_AVAILABLE', 'a new leader does not know the end of the partition yet')],
  [82, fatal('FENCED_INSTANCE_ID', 'the consumer group has members, and this is none of them', groupInUse)],
  [87, fatal('INVALID_RECORD', 'the broker does not accept a record', 'A compacted topic needs a key in every record')],
  [89, later('THROTTLING_QUOTA_EXCEEDED', 'a quota is used up at the moment')],
  [
    90,
    fenced(
      'PRODUCER_FENCED',
      'a newer producer has the same transactional id',
      'Another run of this job has taken over, or another job has the same name and transactionalIdPrefix',
    ),
  ],
  [100, replaced('UNKNOWN_TOPIC_ID', 'the broker does not have a topic with this id')],
  [103, replaced('INCONSISTENT_TOPIC_ID', 'the topic has another id than the one that was asked for')],
  [106, later('FETCH_SESSION_TOPIC_ID_ERROR', 'the fetch session mixes topics by id and by name')],
  [109, restart('OFFSET_MOVED_TO_TIERED_STORAGE', 'the offset is in tiered storage')],
  [110, fatal('FENCED_MEMBER_EPOCH', 'the consumer group has members, and this is none of them', groupInUse)],
  [113, fatal('STALE_MEMBER_EPOCH', 'the consumer group has members, and this is none of them', groupInUse)],
  [120, restart('TRANSACTION_ABORTABLE', 'the transaction failed and can only be aborted')],
  [
    129,
    restart(
      'REBOOTSTRAP_REQUIRED',
      'what is known about the brokers is outdated',
      'Check that `brokers` names this cluster',
    ),
  ],
])
