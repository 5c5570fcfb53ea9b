import { describe, expect, it } from 'vitest'
import { brokerError, brokerErrors, isRefused } from '../../src/kafka/nodes/brokerErrors.ts'
import { isInDoubt, mayRepeat, wasRefused } from '../../src/kafka/sending/doubt.ts'
import { FatalError, FencedError, RetriableError, RxweftError } from '../../src/openErrors.ts'

/** The errors of Kafka 4.1.1, from number 1 on. */
const names = `
  OFFSET_OUT_OF_RANGE CORRUPT_MESSAGE UNKNOWN_TOPIC_OR_PARTITION INVALID_FETCH_SIZE
  LEADER_NOT_AVAILABLE NOT_LEADER_OR_FOLLOWER REQUEST_TIMED_OUT BROKER_NOT_AVAILABLE
  REPLICA_NOT_AVAILABLE MESSAGE_TOO_LARGE STALE_CONTROLLER_EPOCH OFFSET_METADATA_TOO_LARGE
  NETWORK_EXCEPTION COORDINATOR_LOAD_IN_PROGRESS COORDINATOR_NOT_AVAILABLE NOT_COORDINATOR
  INVALID_TOPIC_EXCEPTION RECORD_LIST_TOO_LARGE NOT_ENOUGH_REPLICAS NOT_ENOUGH_REPLICAS_AFTER_APPEND
  INVALID_REQUIRED_ACKS ILLEGAL_GENERATION INCONSISTENT_GROUP_PROTOCOL INVALID_GROUP_ID
  UNKNOWN_MEMBER_ID INVALID_SESSION_TIMEOUT REBALANCE_IN_PROGRESS INVALID_COMMIT_OFFSET_SIZE
  TOPIC_AUTHORIZATION_FAILED GROUP_AUTHORIZATION_FAILED CLUSTER_AUTHORIZATION_FAILED INVALID_TIMESTAMP
  UNSUPPORTED_SASL_MECHANISM ILLEGAL_SASL_STATE UNSUPPORTED_VERSION TOPIC_ALREADY_EXISTS
  INVALID_PARTITIONS INVALID_REPLICATION_FACTOR INVALID_REPLICA_ASSIGNMENT INVALID_CONFIG
  NOT_CONTROLLER INVALID_REQUEST UNSUPPORTED_FOR_MESSAGE_FORMAT POLICY_VIOLATION
  OUT_OF_ORDER_SEQUENCE_NUMBER DUPLICATE_SEQUENCE_NUMBER INVALID_PRODUCER_EPOCH INVALID_TXN_STATE
  INVALID_PRODUCER_ID_MAPPING INVALID_TRANSACTION_TIMEOUT CONCURRENT_TRANSACTIONS
  TRANSACTION_COORDINATOR_FENCED TRANSACTIONAL_ID_AUTHORIZATION_FAILED SECURITY_DISABLED
  OPERATION_NOT_ATTEMPTED KAFKA_STORAGE_ERROR LOG_DIR_NOT_FOUND SASL_AUTHENTICATION_FAILED
  UNKNOWN_PRODUCER_ID REASSIGNMENT_IN_PROGRESS DELEGATION_TOKEN_AUTH_DISABLED
  DELEGATION_TOKEN_NOT_FOUND DELEGATION_TOKEN_OWNER_MISMATCH DELEGATION_TOKEN_REQUEST_NOT_ALLOWED
  DELEGATION_TOKEN_AUTHORIZATION_FAILED DELEGATION_TOKEN_EXPIRED INVALID_PRINCIPAL_TYPE
  NON_EMPTY_GROUP GROUP_ID_NOT_FOUND FETCH_SESSION_ID_NOT_FOUND INVALID_FETCH_SESSION_EPOCH
  LISTENER_NOT_FOUND TOPIC_DELETION_DISABLED FENCED_LEADER_EPOCH UNKNOWN_LEADER_EPOCH
  UNSUPPORTED_COMPRESSION_TYPE STALE_BROKER_EPOCH OFFSET_NOT_AVAILABLE MEMBER_ID_REQUIRED
  PREFERRED_LEADER_NOT_AVAILABLE GROUP_MAX_SIZE_REACHED FENCED_INSTANCE_ID
  ELIGIBLE_LEADERS_NOT_AVAILABLE ELECTION_NOT_NEEDED NO_REASSIGNMENT_IN_PROGRESS
  GROUP_SUBSCRIBED_TO_TOPIC INVALID_RECORD UNSTABLE_OFFSET_COMMIT THROTTLING_QUOTA_EXCEEDED
  PRODUCER_FENCED RESOURCE_NOT_FOUND DUPLICATE_RESOURCE UNACCEPTABLE_CREDENTIAL INCONSISTENT_VOTER_SET
  INVALID_UPDATE_VERSION FEATURE_UPDATE_FAILED PRINCIPAL_DESERIALIZATION_FAILURE SNAPSHOT_NOT_FOUND
  POSITION_OUT_OF_RANGE UNKNOWN_TOPIC_ID DUPLICATE_BROKER_REGISTRATION BROKER_ID_NOT_REGISTERED
  INCONSISTENT_TOPIC_ID INCONSISTENT_CLUSTER_ID TRANSACTIONAL_ID_NOT_FOUND
  FETCH_SESSION_TOPIC_ID_ERROR INELIGIBLE_REPLICA NEW_LEADER_ELECTED OFFSET_MOVED_TO_TIERED_STORAGE
  FENCED_MEMBER_EPOCH UNRELEASED_INSTANCE_ID UNSUPPORTED_ASSIGNOR STALE_MEMBER_EPOCH
  MISMATCHED_ENDPOINT_TYPE UNSUPPORTED_ENDPOINT_TYPE UNKNOWN_CONTROLLER_ID UNKNOWN_SUBSCRIPTION_ID
  TELEMETRY_TOO_LARGE INVALID_REGISTRATION TRANSACTION_ABORTABLE INVALID_RECORD_STATE
  SHARE_SESSION_NOT_FOUND INVALID_SHARE_SESSION_EPOCH FENCED_STATE_EPOCH INVALID_VOTER_KEY
  DUPLICATE_VOTER VOTER_NOT_FOUND INVALID_REGULAR_EXPRESSION REBOOTSTRAP_REQUIRED
  STREAMS_INVALID_TOPOLOGY STREAMS_INVALID_TOPOLOGY_EPOCH STREAMS_TOPOLOGY_FENCED
  SHARE_SESSION_LIMIT_REACHED
`
  .trim()
  .split(/\s+/)

const codeOf = (name: string): number => names.indexOf(name) + 1

describe('the table of broker errors', () => {
  it("has Kafka's name for each number", () => {
    for (const [code, { name }] of brokerErrors)
      expect([code, name]).toEqual([code, names[code - 1] ?? 'UNKNOWN_SERVER_ERROR'])
    expect(names).toHaveLength(133)
  })

  it('says what to do about every error that a restart cannot help', () => {
    for (const { name, consequence, hint } of brokerErrors.values()) {
      if (consequence !== 'retriable') expect([name, hint]).toEqual([name, expect.any(String)])
    }
  })

  it.each([
    ['INVALID_PRODUCER_EPOCH', FencedError],
    ['PRODUCER_FENCED', FencedError],
    ['OFFSET_OUT_OF_RANGE', FatalError],
    ['MESSAGE_TOO_LARGE', FatalError],
    ['RECORD_LIST_TOO_LARGE', FatalError],
    ['INVALID_RECORD', FatalError],
    ['INVALID_TRANSACTION_TIMEOUT', FatalError],
    ['UNKNOWN_TOPIC_ID', FatalError],
    ['INCONSISTENT_TOPIC_ID', FatalError],
    ['UNSUPPORTED_COMPRESSION_TYPE', FatalError],
    ['TOPIC_AUTHORIZATION_FAILED', FatalError],
    ['GROUP_AUTHORIZATION_FAILED', FatalError],
    ['CLUSTER_AUTHORIZATION_FAILED', FatalError],
    ['TRANSACTIONAL_ID_AUTHORIZATION_FAILED', FatalError],
    ['UNKNOWN_MEMBER_ID', FatalError],
    ['ILLEGAL_GENERATION', FatalError],
    ['NOT_LEADER_OR_FOLLOWER', RetriableError],
    ['REQUEST_TIMED_OUT', RetriableError],
    ['OUT_OF_ORDER_SEQUENCE_NUMBER', RetriableError],
    ['INVALID_TXN_STATE', RetriableError],
    ['TRANSACTION_ABORTABLE', RetriableError],
    ['CONCURRENT_TRANSACTIONS', RetriableError],
    ['KAFKA_STORAGE_ERROR', RetriableError],
  ])('%s becomes a %o', (name, kind) => {
    const error = brokerError(codeOf(name), 'Produce', { topic: 'lines' })
    expect(error).toBeInstanceOf(kind)
    expect(error.code).toBe(name)
  })

  it.each([
    'UNKNOWN_TOPIC_OR_PARTITION',
    'LEADER_NOT_AVAILABLE',
    'NOT_LEADER_OR_FOLLOWER',
    'COORDINATOR_LOAD_IN_PROGRESS',
    'COORDINATOR_NOT_AVAILABLE',
    'NOT_COORDINATOR',
    'NOT_ENOUGH_REPLICAS',
    'CONCURRENT_TRANSACTIONS',
    'FENCED_LEADER_EPOCH',
    'UNKNOWN_LEADER_EPOCH',
  ])('%s is a refusal: the same may be sent again', (name) => {
    expect(isRefused(codeOf(name))).toBe(true)
    expect(wasRefused(brokerError(codeOf(name), 'Produce', {}))).toBe(true)
  })

  it.each(['UNKNOWN_TOPIC_ID', 'INCONSISTENT_TOPIC_ID'])(
    '%s may be about a new topic: the same is asked again',
    (name) => {
      expect(isRefused(codeOf(name))).toBe(true)
      expect(brokerError(codeOf(name), 'Fetch', {})).toMatchObject({ consequence: 'fatal' })
    },
  )

  it.each([
    'REQUEST_TIMED_OUT',
    'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
    'NETWORK_EXCEPTION',
    'KAFKA_STORAGE_ERROR',
    'OUT_OF_ORDER_SEQUENCE_NUMBER',
    'DUPLICATE_SEQUENCE_NUMBER',
    'INVALID_PRODUCER_EPOCH',
    'PRODUCER_FENCED',
    'INVALID_TXN_STATE',
    'TRANSACTION_ABORTABLE',
    'MESSAGE_TOO_LARGE',
  ])('%s is none', (name) => {
    expect(isRefused(codeOf(name))).toBe(false)
    expect(wasRefused(brokerError(codeOf(name), 'Produce', {}))).toBe(false)
  })

  it.each(['CONNECTION_FAILED', 'BROKERS_UNREACHABLE', 'NODE_UNKNOWN', 'NO_LEADER'])(
    '%s counts as refused: nothing was sent',
    (code) => {
      expect(wasRefused(new RetriableError(code, ''))).toBe(true)
      expect(isInDoubt(new RetriableError(code, ''))).toBe(false)
    },
  )

  it.each([
    'CONNECTION_LOST',
    'REQUEST_TIMEOUT',
    'MALFORMED_ANSWER',
    'REQUEST_TIMED_OUT',
    'NETWORK_EXCEPTION',
    'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
    'KAFKA_STORAGE_ERROR',
  ])('%s leaves it open whether the request was applied', (code) => {
    const error = new RetriableError(code, '')
    expect([wasRefused(error), isInDoubt(error), mayRepeat(error)]).toEqual([false, true, true])
  })

  it.each([
    'CONNECTION_CLOSED',
    'OUT_OF_ORDER_SEQUENCE_NUMBER',
    'UNKNOWN_PRODUCER_ID',
    'INVALID_TXN_STATE',
    'INVALID_PRODUCER_EPOCH',
    'PRODUCER_FENCED',
    'TRANSACTION_ABORTABLE',
    'UNKNOWN_SERVER_ERROR',
  ])('after %s nothing is sent again', (code) => {
    expect(mayRepeat(new RetriableError(code, ''))).toBe(false)
    expect(mayRepeat(new Error('CONNECTION_LOST'))).toBe(false)
  })
})

describe('the error of a broker', () => {
  it('says what failed, where, why, and what to do', () => {
    const error = brokerError(10, 'Produce', { topic: 'lines', partition: 3 }, 'The record batch is 2 MiB')
    expect(error.message).toBe(
      'MESSAGE_TOO_LARGE: Produce failed: the record batch is larger than the broker allows ("The record batch is 2 MiB") ' +
        "(topic lines, partition 3). Raise the topic's max.message.bytes, or lower batchBytes of the sink; a single record must fit as well",
    )
  })

  it('names the setting of the broker where one is in the way', () => {
    expect(brokerError(50, 'InitProducerId', {}).hint).toContain('transaction.max.timeout.ms')
    expect(brokerError(53, 'InitProducerId', {}).hint).toContain('the ACL Write on transactional ids')
  })

  it('that is not known is Retriable, carries its number, and is no refusal', () => {
    const error = brokerError(4711, 'EndTxn', {})
    expect(error).toBeInstanceOf(RetriableError)
    expect(error.code).toBe('UNKNOWN_BROKER_ERROR_4711')
    expect(isRefused(4711)).toBe(false)
  })

  it('is one of ours, whatever the consequence', () => {
    for (const code of brokerErrors.keys()) {
      const error = brokerError(code, 'Fetch', {})
      expect(error).toBeInstanceOf(RxweftError)
      expect(error.consequence).toBe(brokerErrors.get(code)?.consequence)
    }
  })
})
