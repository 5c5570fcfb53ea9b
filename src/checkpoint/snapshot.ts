/**
 * The snapshot file: the state of every operator at one checkpoint. It is written and read in
 * pieces, so it may be larger than memory. It builds on earlier ones: of keyed state it has only
 * the changes since (state/table.ts).
 *
 *   {"magic":"rxweft-snapshot","version":2,"job":"uppercase","shard":0,...,
 *    "base":[{"key":...,"operators":["count"]}],"operators":[{"operator":"count","since":9}]}
 *   {"operator":"count","state":{"watermark":1700000000000}}
 *   {"operator":"count","table":"value:state","version":1,"bytes":5120}
 *   <5120 bytes: entries, see state/entries.ts>
 *   {"end":"rxweft-snapshot"}
 *
 * The first line is one line. The ledger, or the snapshot that builds on it, has the size and
 * sha-256 of the whole file.
 */
import * as t from 'io-ts'
import type { SnapshotRef } from '../contracts/ledger.ts'
import type { OperatorState } from '../element.ts'
import { CorruptedError } from '../errors.ts'
import type { CheckpointId, OperatorId } from '../record.ts'
import { json, name, natural, sha256 } from './codecs.ts'
import type { FrameKind } from './frame.ts'

export const snapshotKind: FrameKind = {
  magic: 'rxweft-snapshot',
  version: 2,
  what: 'snapshot',
  damaged: 'SNAPSHOT_DAMAGED',
  newer: 'SNAPSHOT_NEWER',
}

const link = t.strict({ key: name, sha256, bytes: natural, operators: t.array(t.string) })

/** First line, without magic and version. */
export const headerCodec = t.strict({
  job: name,
  shard: natural,
  lineage: name,
  checkpoint: natural,
  attempt: name,
  base: t.array(link),
  operators: t.array(t.strict({ operator: t.string, since: natural })),
})

export const stateLine = t.strict({ operator: t.string, state: json })
export const blockLine = t.strict({ operator: t.string, table: name, version: natural, bytes: natural })
export const endLine = t.strict({ end: t.literal(snapshotKind.magic) })

/** A snapshot that others may build on. */
export interface ChainLink extends SnapshotRef {
  /** Operators with entries in it. */
  readonly operators: readonly OperatorId[]
}

export interface SnapshotHeader {
  readonly job: string
  readonly shard: number
  readonly lineage: string
  readonly checkpoint: CheckpointId
  readonly attempt: string
  /** Snapshots whose entries precede this one's, oldest first. */
  readonly base: readonly ChainLink[]
  /** Operators with keyed state, each with the oldest checkpoint whose entries count. */
  readonly operators: readonly { readonly operator: OperatorId; readonly since: CheckpointId }[]
}

export interface SnapshotContent extends Omit<SnapshotHeader, 'operators'> {
  readonly states: readonly OperatorState[]
}

/** The ledger or a later snapshot names a missing snapshot. */
export function snapshotMissing(place: string, key: string): CorruptedError {
  return new CorruptedError('SNAPSHOT_MISSING', 'the snapshot of the last checkpoint is missing', {
    where: { file: fileOf(place, key) },
    hint: 'Point the job to the storage of its last run, or restore the file. The job does not start without it',
  })
}

export function fileOf(place: string, key: string): string {
  return `${key} in ${place}`
}
