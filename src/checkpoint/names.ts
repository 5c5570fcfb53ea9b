/**
 * Every name that leaves the process: file names, topic names, transactional ids. Names chosen by
 * the user are checked here, once; derived names have one form:
 *
 *   uppercase/0/chk-000000000012-<attempt>        snapshot: job, shard, checkpoint, attempt
 *   uppercase/0/ledger/00000000000000000034       entry of the storage ledger
 *   uppercase/lineage/000001-<lineage>/shard-0    lineage mark: job, number of earlier lineages,
 *                                                 lineage; see lineageMarks.ts
 *   uppercase/plan/00000000000000000007           plan in a storage
 *   uppercase/savepoint/before-v2/decided         savepoint: job, name
 *   uppercase/savepoint/before-v2/<id>/0/chk-...  snapshot that it keeps, by id of the savepoint
 *   rxweft-uppercase-ledger                       ledger topic: prefix, job
 *   rxweft-uppercase-plan                         plan topic: prefix, job
 *   rxweft-uppercase-state                        topic of snapshots: prefix, job
 *   rxweft/uppercase/0/1                          transactional id: prefix, job, shard, turn
 *   rxweft/uppercase/plan                         transactional id of the plan, and its key
 *   rxweft/uppercase                              consumer group of the members: prefix, job
 *   rxweft-uppercase-by-user-repartition          repartition topic: prefix, job, name
 *
 * Derived names are injective: two jobs never share one. A key or id joins its parts with '/',
 * which no part contains. Topic names allow no spare character, so '-' separates, and each '-'
 * within a part that is not the last is doubled. Every part but the first begins with a letter or
 * digit, so a name is parsed from the left: an odd run of hyphens ends a part. The last part needs
 * no doubling, hence `rxweft-my-job-ledger`. Kafka itself takes `a.b` and `a_b` for one name in its
 * metrics, and refuses the second.
 */

import { FatalError } from '../errors.ts'
import type { CheckpointId } from '../record.ts'

/**
 * Returns a valid name: letters, digits, `.`, `_`, `-`, at most 100, no `..`. Throws Fatal
 * BAD_JOB_NAME otherwise.
 */
export function jobName(name: string): string {
  if (isPlainName(name)) return name
  throw new FatalError('BAD_JOB_NAME', `${JSON.stringify(name)?.slice(0, 120)} cannot be the name of a job`, {
    hint: 'Use 1 to 100 letters, digits, dots, underscores and hyphens. Start with a letter or digit, and do not use two dots in a row',
  })
}

/** Whether a text can be the name of a job, or of a savepoint. */
export function isPlainName(name: unknown): name is string {
  return typeof name === 'string' && /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name) && !name.includes('..')
}

/** Kafka's limit for topic names. */
const longestTopic = 249

/** Throws Fatal NAME_TOO_LONG, as `repartitionTopicName` does. */
export function ledgerTopicName(prefix: string, job: string): string {
  return topicName([prefix], `${job}-ledger`)
}

/** Consumer group in which the members of a job find each other. */
export function groupName(prefix: string, job: string): string {
  return `${prefix}/${job}`
}

/** Key of a shard's records in the ledger topic. */
export function ledgerRecordKey(prefix: string, job: string, shard: number): string {
  return `${prefix}/${job}/${shard}`
}

/** A session has two ids in turn: 0 and 1. */
export function transactionalId(prefix: string, job: string, shard: number, turn: number): string {
  return `${prefix}/${job}/${shard}/${turn}`
}

/** Topic of snapshots. Throws Fatal NAME_TOO_LONG. */
export function stateTopicName(prefix: string, job: string): string {
  return topicName([prefix], `${job}-state`)
}

/** Throws Fatal NAME_TOO_LONG. */
export function planTopicName(prefix: string, job: string): string {
  return topicName([prefix], `${job}-plan`)
}

/** Key of the plan in the plan topic, and transactional id of those who write it. */
export function planId(prefix: string, job: string): string {
  return `${prefix}/${job}/plan`
}

/** @param prefix null for a topic in an embedded log, where names need none */
export function repartitionTopicName(prefix: string | null, job: string, name: string): string {
  return topicName(prefix === null ? [job] : [prefix, job], `${name}-repartition`)
}

function topicName(parts: readonly string[], last: string): string {
  const topic = [...parts.map((part) => part.replaceAll('-', '--')), last].join('-')
  if (topic.length <= longestTopic) return topic
  throw new FatalError('NAME_TOO_LONG', `the topic "${topic}" would have ${topic.length} characters`, {
    hint: `Kafka allows ${longestTopic} characters: shorten the name of the job, transactionalIdPrefix or the name of the repartition topic`,
  })
}

export interface SnapshotName {
  readonly job: string
  readonly shard: number
  readonly checkpoint: CheckpointId
  readonly attempt: string
}

/** Zero-padded, so that names sort as numbers do. */
const digits = (count: number, value: number): string => String(value).padStart(count, '0')

export function snapshotKey(job: string, shard: number, checkpoint: CheckpointId, attempt: string): string {
  return `${snapshotPrefix(job, shard)}${digits(12, checkpoint)}-${attempt}`
}

/** Prefix of all snapshot keys of a shard, and of no other key. */
export function snapshotPrefix(job: string, shard: number): string {
  return `${job}/${shard}/chk-`
}

/** Parts of a snapshot key; null for other keys. */
export function parseSnapshotKey(key: string): SnapshotName | null {
  const [, job, shard, checkpoint, attempt] = /^([^/]+)\/(\d+)\/chk-(\d{12,})-([^/]+)$/.exec(key) ?? []
  if (job === undefined || attempt === undefined) return null
  return { job, shard: Number(shard), checkpoint: Number(checkpoint), attempt }
}

export function ledgerKey(job: string, shard: number, sequence: number): string {
  return `${ledgerPrefix(job, shard)}${digits(20, sequence)}`
}

export function ledgerPrefix(job: string, shard: number): string {
  return `${job}/${shard}/ledger/`
}

/** Key of the trial whether a storage writes a key once. */
export function trialKey(job: string, shard: number, attempt: string): string {
  return `${job}/${shard}/trial-${attempt}`
}

/** Sequence number of a ledger key; null for other keys. */
export function parseLedgerKey(key: string): number | null {
  const sequence = /^[^/]+\/\d+\/ledger\/(\d{20})$/.exec(key)?.[1]
  return sequence === undefined ? null : Number(sequence)
}

export function planKey(job: string, number: number): string {
  return `${planPrefix(job)}${digits(20, number)}`
}

export function planPrefix(job: string): string {
  return `${job}/plan/`
}

/** Number of the plan under a key; null for other keys. */
export function parsePlanKey(key: string): number | null {
  const number = /^[^/]+\/plan\/(\d{20})$/.exec(key)?.[1]
  return number === undefined ? null : Number(number)
}

/** Meaning of a lineage mark: the lineage was about to begin, or it has begun in this shard. */
export type MarkKind = 'intended' | number

export interface MarkName {
  /** Higher for later lineages of a job. */
  readonly sequence: number
  readonly lineage: string
  readonly kind: MarkKind
}

export function markKey(job: string, { sequence, lineage, kind }: MarkName): string {
  const last = kind === 'intended' ? kind : `shard-${kind}`
  return `${markPrefix(job)}${digits(6, sequence)}-${lineage}/${last}`
}

export function markPrefix(job: string): string {
  return `${job}/lineage/`
}

/** Parts of a lineage mark's key; null for other keys. */
export function parseMarkKey(key: string): MarkName | null {
  const [, sequence, lineage, kind, shard] =
    /^[^/]+\/lineage\/(\d{6,})-([^/]+)\/(intended|shard-(\d+))$/.exec(key) ?? []
  if (lineage === undefined || kind === undefined) return null
  return { sequence: Number(sequence), lineage, kind: shard === undefined ? 'intended' : Number(shard) }
}

/** Prefix of all that the savepoints of a job, or one of them, have in a storage. */
export function savepointPrefix(job: string, name?: string): string {
  return `${job}/savepoint/${name === undefined ? '' : `${name}/`}`
}

/** Key whose value is a savepoint. */
export function savepointKey(job: string, name: string): string {
  return `${savepointPrefix(job, name)}decided`
}

/** Name of the savepoint under a key; null for other keys. */
export function parseSavepointKey(key: string): string | null {
  return /^[^/]+\/savepoint\/([^/]+)\/decided$/.exec(key)?.[1] ?? null
}

/** Prefix of the snapshots that a savepoint keeps. */
export function keptPrefix(job: string, name: string, id: string): string {
  return `${savepointPrefix(job, name)}${id}/`
}

/** Key under which a savepoint keeps a snapshot. */
export function keptKey(job: string, name: string, id: string, snapshot: string): string {
  return `${keptPrefix(job, name, id)}${snapshot.split('/').slice(1).join('/')}`
}
