/**
 * The ledger topic of a job: one partition per shard, so that no other shard's open transaction can
 * hide an entry.
 */

import type { AttemptContext } from '../../attempt.ts'
import { decodeEntry, encodeEntry } from '../../checkpoint/ledgerCodec.ts'
import { ledgerRecordKey, ledgerTopicName } from '../../checkpoint/names.ts'
import type { LedgerEntry } from '../../contracts/ledger.ts'
import type { KafkaCluster } from '../cluster.ts'
import type { Connections } from '../nodes/connections.ts'
import type { Leaders } from '../nodes/leaders.ts'
import { type DecidedTopic, type Decisions, decidedTopic } from './decidedTopic.ts'
import { type LedgerHorizon, ledgerHorizon } from './ledgerHorizon.ts'

export type LedgerTopic = DecidedTopic<LedgerEntry>

/** Ledger entries of one shard. */
export function ledgerTopic(
  attempt: Pick<AttemptContext, 'job' | 'shard' | 'shards' | 'clock' | 'signal' | 'tell'>,
  cluster: KafkaCluster,
  connections: Connections,
  leaders: Leaders,
  prefix: string,
  horizon: LedgerHorizon = ledgerHorizon(),
): LedgerTopic {
  const { job, shard: partition, shards: partitions } = attempt
  const access = { attempt, cluster, connections, leaders, horizon, partition, partitions }
  return decidedTopic({ ...access, ...ledgerEntries(prefix, job) })
}

function ledgerEntries(prefix: string, job: string): Decisions<LedgerEntry> {
  return {
    name: ledgerTopicName(prefix, job),
    keyOf: (shard) => Buffer.from(ledgerRecordKey(prefix, job, shard)),
    encode: encodeEntry,
    decode: decodeEntry,
    sameWriter: (before, after) => before?.owner === after?.owner,
    missing: { fatal: 'LEDGER_TOPIC_MISSING', retriable: 'LEDGER_TOPIC_NOT_CREATED', what: 'the ledger topic' },
    tooSmall: { fatal: 'LEDGER_TOPIC_TOO_SMALL', retriable: 'LEDGER_TOPIC_NOT_ALTERED', what: 'the ledger topic' },
  }
}
