/**
 * The names under which a job keeps things. They become file names, topic names and transactional ids, so what a user chooses
 * is checked once, here, and what is derived from it has one form:
 *
 *   uppercase/0/chk-000000000012-<attempt>        a snapshot: job, shard, checkpoint; unique per attempt
 *   uppercase/0/ledger/00000000000000000034       an entry of the storage ledger
 */
import type { CheckpointId } from '../element.ts'
import { FatalError } from '../errors.ts'

/** The name, if it can be one: letters, digits, `.`, `_`, `-`, at most 100, no `..`. Throws Fatal BAD_JOB_NAME otherwise. */
export function jobName(name: string): string {
  if (typeof name === 'string' && /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name) && !name.includes('..')) return name
  throw new FatalError('BAD_JOB_NAME', `${JSON.stringify(name)?.slice(0, 120)} cannot be the name of a job`, {
    hint: 'Use 1 to 100 letters, digits, dots, underscores and hyphens, a letter or digit first and no two dots in a row',
  })
}

export interface SnapshotName {
  readonly job: string
  readonly shard: number
  readonly checkpoint: CheckpointId
  readonly attempt: string
}

/** Zeros in front, so that names sort as numbers do. */
const digits = (count: number, value: number): string => String(value).padStart(count, '0')

export function snapshotKey(job: string, shard: number, checkpoint: CheckpointId, attempt: string): string {
  return `${snapshotPrefix(job, shard)}${digits(12, checkpoint)}-${attempt}`
}

/** What all snapshot keys of a shard start with, and nothing else does. */
export function snapshotPrefix(job: string, shard: number): string {
  return `${job}/${shard}/chk-`
}

/** The parts of a snapshot key; null where it is not one. */
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

/** The sequence number of a ledger key; null where it is not one. */
export function parseLedgerKey(key: string): number | null {
  const sequence = /^[^/]+\/\d+\/ledger\/(\d{20})$/.exec(key)?.[1]
  return sequence === undefined ? null : Number(sequence)
}
