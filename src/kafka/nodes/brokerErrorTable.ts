/**
 * Kafka's table of errors, with their meaning for a job: the only place where that is decided.
 */
import { type BrokerError, doubtful, fatal, fenced, later, replaced, restart } from './brokerErrorKinds.ts'

const groupInUse = 'Another consumer group with members uses this groupId; give the source another groupId'
const ourFault = 'Please report this as a bug: rxweft and this broker do not understand each other'
const leaderMoved = 'the leader of the partition has moved, or is about to move'

const rows = [
  [-1, restart('UNKNOWN_SERVER_ERROR', 'the broker failed unexpectedly', "See the broker's log")],
  [
    1,
    fatal(
      'OFFSET_OUT_OF_RANGE',
      'the partition does not have this offset, or does not have it any more',
      'The topic has lost records before they were read: check its retention',
    ),
  ],
  [
    2,
    later(
      'CORRUPT_MESSAGE',
      'a record batch has a wrong checksum, or a record without a key was sent to a compacted topic',
    ),
  ],
  [
    3,
    later(
      'UNKNOWN_TOPIC_OR_PARTITION',
      'the broker does not have this topic or partition',
      'Check that the topic exists',
    ),
  ],
  [4, fatal('INVALID_FETCH_SIZE', 'the fetch size is not allowed', ourFault)],
  [5, later('LEADER_NOT_AVAILABLE', 'the partition has no leader')],
  // With acks=all it may come after the append: the sequence number makes a retry harmless.
  [6, later('NOT_LEADER_OR_FOLLOWER', leaderMoved)],
  [7, doubtful('REQUEST_TIMED_OUT', 'the broker did not complete the request in time, and may have applied it')],
  [8, later('BROKER_NOT_AVAILABLE', 'the broker is not available')],
  [9, later('REPLICA_NOT_AVAILABLE', 'the replica is not available')],
  [
    10,
    fatal(
      'MESSAGE_TOO_LARGE',
      'the record batch is larger than the broker allows',
      "Raise the topic's max.message.bytes, or lower batchBytes of the sink; a single record must fit as well",
    ),
  ],
  [12, fatal('OFFSET_METADATA_TOO_LARGE', 'the metadata of a committed offset are too large', ourFault)],
  [13, doubtful('NETWORK_EXCEPTION', 'the broker lost its connection to another broker')],
  [14, later('COORDINATOR_LOAD_IN_PROGRESS', 'the coordinator is still loading')],
  [15, later('COORDINATOR_NOT_AVAILABLE', 'there is no coordinator')],
  [16, later('NOT_COORDINATOR', 'the coordinator has moved')],
  [
    17,
    fatal(
      'INVALID_TOPIC_EXCEPTION',
      'the name of the topic is not allowed, or the topic is internal',
      'Choose another topic',
    ),
  ],
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
  [20, doubtful('NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'the batch was written, but too few replicas have it')],
  [21, fatal('INVALID_REQUIRED_ACKS', 'the broker does not know this value of acks', ourFault)],
  [22, fatal('ILLEGAL_GENERATION', 'the consumer group is at another generation', groupInUse)],
  [
    23,
    fatal(
      'INCONSISTENT_GROUP_PROTOCOL',
      'the consumer group has members of another kind',
      'Another program uses the group of the job: choose another job name or transactionalIdPrefix',
    ),
  ],
  [24, fatal('INVALID_GROUP_ID', 'the group id is not allowed', 'Give the source another groupId')],
  [25, fatal('UNKNOWN_MEMBER_ID', 'the consumer group has members, and this job is not one of them', groupInUse)],
  [
    26,
    fatal(
      'INVALID_SESSION_TIMEOUT',
      'the session timeout is outside the range that the brokers allow',
      'Set sessionTimeout between group.min.session.timeout.ms and group.max.session.timeout.ms of the brokers',
    ),
  ],
  [27, fatal('REBALANCE_IN_PROGRESS', 'the consumer group is rebalancing', groupInUse)],
  [28, fatal('INVALID_COMMIT_OFFSET_SIZE', 'the committed offsets are too large', ourFault)],
  [
    29,
    fatal(
      'TOPIC_AUTHORIZATION_FAILED',
      'access to the topic is denied',
      'Grant the user the ACL Read on topics that it reads, and Write on topics that it writes to',
    ),
  ],
  [
    30,
    fatal(
      'GROUP_AUTHORIZATION_FAILED',
      'access to the consumer group is denied',
      'Grant the user the ACL Read on the group',
    ),
  ],
  [
    31,
    fatal(
      'CLUSTER_AUTHORIZATION_FAILED',
      'access to the cluster is denied',
      'Grant the user the ACL Write on the topics of its sinks',
    ),
  ],
  [
    32,
    fatal(
      'INVALID_TIMESTAMP',
      'the timestamp of a record is outside the range that the topic allows',
      "Check the topic's message.timestamp.type, message.timestamp.before.max.ms and message.timestamp.after.max.ms",
    ),
  ],
  [33, fatal('UNSUPPORTED_SASL_MECHANISM', 'the broker does not offer this SASL mechanism', 'Check sasl.mechanism')],
  [
    34,
    fatal(
      'ILLEGAL_SASL_STATE',
      'the broker expected another step of authentication',
      'Check sasl and ssl of the cluster',
    ),
  ],
  [
    35,
    fatal('UNSUPPORTED_VERSION', 'the broker does not support this version of the request', 'Use Kafka 3.1 or newer'),
  ],
  [36, fatal('TOPIC_ALREADY_EXISTS', 'the topic exists already', 'Choose another name')],
  [37, fatal('INVALID_PARTITIONS', 'the number of partitions is not allowed', 'Ask for at least one')],
  [
    38,
    fatal(
      'INVALID_REPLICATION_FACTOR',
      'there are fewer brokers than replicas',
      'Lower default.replication.factor of the brokers, or add brokers',
    ),
  ],
  [40, fatal('INVALID_CONFIG', 'the configuration is not allowed', 'See the reason that the broker gave')],
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
    fatal(
      'POLICY_VIOLATION',
      "the request violates one of the cluster's policies",
      'See the reason that the broker gave',
    ),
  ],
  [45, restart('OUT_OF_ORDER_SEQUENCE_NUMBER', 'the broker has not received an earlier batch')],
  [46, restart('DUPLICATE_SEQUENCE_NUMBER', 'the broker has already received a batch with this sequence number')],
  [
    47,
    fenced(
      'INVALID_PRODUCER_EPOCH',
      'a newer producer uses the same transactional id, or the transaction timed out and was aborted',
      'If no other run of this job is alive, raise transactionTimeout of the sink',
    ),
  ],
  [
    48,
    restart(
      'INVALID_TXN_STATE',
      'the state of the transaction does not allow the request; the transaction may have been aborted',
    ),
  ],
  [
    49,
    restart('INVALID_PRODUCER_ID_MAPPING', 'the transactional id has been given another producer id, or has expired'),
  ],
  [
    50,
    fatal(
      'INVALID_TRANSACTION_TIMEOUT',
      'the transaction timeout is longer than the brokers allow',
      'Lower transactionTimeout of the sink, or raise transaction.max.timeout.ms of the brokers',
    ),
  ],
  [51, later('CONCURRENT_TRANSACTIONS', 'the previous transaction of this transactional id is not yet complete')],
  [52, restart('TRANSACTION_COORDINATOR_FENCED', 'the transaction coordinator has moved')],
  [
    53,
    fatal(
      'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
      'use of the transactional id is denied',
      'Grant the user the ACL Write on transactional ids that start with transactionalIdPrefix of the sink',
    ),
  ],
  [55, later('OPERATION_NOT_ATTEMPTED', 'another part of the request failed, so this part was not attempted')],
  [56, doubtful('KAFKA_STORAGE_ERROR', 'the broker cannot read or write its disk', "See the broker's log")],
  [58, fatal('SASL_AUTHENTICATION_FAILED', 'the broker rejected the credentials', 'Check sasl of the cluster')],
  [59, restart('UNKNOWN_PRODUCER_ID', 'the broker has forgotten the producer id')],
  [69, fatal('GROUP_ID_NOT_FOUND', 'the consumer group does not exist', groupInUse)],
  [70, later('FETCH_SESSION_ID_NOT_FOUND', 'the broker has forgotten the fetch session')],
  [71, later('INVALID_FETCH_SESSION_EPOCH', 'the fetch session is at another epoch')],
  [
    72,
    later(
      'LISTENER_NOT_FOUND',
      'the leader of the partition does not have the listener that this connection uses',
      'Configure the same listeners on all brokers',
    ),
  ],
  [74, later('FENCED_LEADER_EPOCH', leaderMoved)],
  [75, later('UNKNOWN_LEADER_EPOCH', 'the broker does not know the newest leader yet')],
  [
    76,
    fatal('UNSUPPORTED_COMPRESSION_TYPE', 'the broker does not support this compression', 'Choose another compression'),
  ],
  [78, later('OFFSET_NOT_AVAILABLE', 'the new leader does not know the end of the partition yet')],
  [79, later('MEMBER_ID_REQUIRED', 'the coordinator has assigned a member id, with which the group is to be joined')],
  [
    81,
    fatal(
      'GROUP_MAX_SIZE_REACHED',
      'the consumer group has as many members as the brokers allow',
      'Raise group.max.size of the brokers',
    ),
  ],
  [82, fatal('FENCED_INSTANCE_ID', 'the consumer group has members, and this job is not one of them', groupInUse)],
  [87, fatal('INVALID_RECORD', 'the broker rejected a record', 'Give every record of a compacted topic a key')],
  [89, later('THROTTLING_QUOTA_EXCEEDED', 'a quota is used up')],
  [
    90,
    fenced(
      'PRODUCER_FENCED',
      'a newer producer uses the same transactional id',
      'Another run of this job has taken over, or another job has the same name and the same transactionalIdPrefix',
    ),
  ],
  [100, replaced('UNKNOWN_TOPIC_ID', 'the broker does not have a topic with this id')],
  [103, replaced('INCONSISTENT_TOPIC_ID', 'the topic has another id than the requested one')],
  [106, later('FETCH_SESSION_TOPIC_ID_ERROR', 'the fetch session mixes topic ids and topic names')],
  [109, restart('OFFSET_MOVED_TO_TIERED_STORAGE', 'the offset is in tiered storage')],
  [110, fatal('FENCED_MEMBER_EPOCH', 'the consumer group has members, and this job is not one of them', groupInUse)],
  [113, fatal('STALE_MEMBER_EPOCH', 'the consumer group has members, and this job is not one of them', groupInUse)],
  [120, restart('TRANSACTION_ABORTABLE', 'the transaction has failed and can only be aborted')],
  [
    129,
    restart(
      'REBOOTSTRAP_REQUIRED',
      'the known addresses of the brokers are outdated',
      'Check that `brokers` names this cluster',
    ),
  ],
] as const

/** Codes of errors that brokers report: Kafka's names, or UNKNOWN_BROKER_ERROR_<number>. */
export type BrokerErrorCode = (typeof rows)[number][1]['name'] | `UNKNOWN_BROKER_ERROR_${number}`

export const brokerErrors: ReadonlyMap<number, BrokerError> = new Map<number, BrokerError>(rows)
