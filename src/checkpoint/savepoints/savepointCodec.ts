/**
 * A savepoint as bytes: a frame (frame.ts) around one JSON line with the ledger entries of all
 * shards at one checkpoint each. It is put last, when everything that it names is there.
 */
import { Buffer } from 'node:buffer'
import { isLeft } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { LedgerEntry } from '../../contracts/ledgerEntry.ts'
import { stringifyJson, tryParseJson } from '../../json.ts'
import { name, natural, wrongFields } from '../codecs.ts'
import { damaged, decodeFrame, encodeFrame, type FrameFormat } from '../frame.ts'
import { entryCodec, entryJson, madeSafe } from '../ledgerCodec.ts'

/** What a savepoint says. */
export interface KeptCheckpoint {
  readonly job: string
  readonly name: string
  /** Random id: a savepoint that was removed and taken again is another one. */
  readonly id: string
  /** When it was taken, ms since the epoch. */
  readonly takenAt: number
  /** Table of slots; null for a job without a plan. */
  readonly slots: readonly number[] | null
  /** Entry of each shard. */
  readonly entries: readonly LedgerEntry[]
}

const codec = t.strict({
  job: name,
  name,
  id: name,
  takenAt: natural,
  slots: t.union([t.null, t.array(natural)]),
  entries: t.refinement(t.array(entryCodec), ({ length }) => length > 0),
})

const format: FrameFormat<object> = {
  magic: 'rxweft-savepoint',
  version: 1,
  what: 'savepoint',
  damaged: 'SAVEPOINT_DAMAGED',
  newer: 'SAVEPOINT_NEWER',
  fields: t.type({}),
}

export function encodeSavepoint({ job, name, id, takenAt, slots, entries }: KeptCheckpoint): Uint8Array {
  const line = { job, name, id, takenAt, slots, entries: entries.map(entryJson) }
  return encodeFrame(format, {}, Buffer.from(`${stringifyJson(line)}\n`)).bytes
}

/** Throws Corrupted SAVEPOINT_DAMAGED or SAVEPOINT_NEWER. `place` names the origin of the bytes. */
export function decodeSavepoint(bytes: Uint8Array, place: string): KeptCheckpoint {
  const { body } = decodeFrame(format, bytes, place)
  const decoded = codec.decode(tryParseJson(body.toString('utf8')))
  if (isLeft(decoded)) throw damaged(format, place, `is wrong in: ${wrongFields(decoded.left)}`)
  return { ...decoded.right, entries: decoded.right.entries.map((entry) => madeSafe(entry as LedgerEntry)) }
}
