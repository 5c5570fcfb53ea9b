/**
 * A ledger entry as bytes, the same in a file, a Kafka record or a database column: a frame
 * (frame.ts) around one JSON line.
 */
import { Buffer } from 'node:buffer'
import { isLeft } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { LedgerEntry } from '../contracts/ledger.ts'
import { FatalError } from '../errors.ts'
import { stringifyJson, tryParseJson } from '../json.ts'
import type { Json } from '../record.ts'
import { json, name, natural, refined, sha256, wrongFields } from './codecs.ts'
import { damaged, decodeFrame, encodeFrame, type FrameFormat } from './frame.ts'

const splitOffset = t.intersection([
  t.type({ topic: name, partition: natural, offset: natural }),
  t.partial({ topicId: t.string, leaderEpoch: natural }),
])

const slots = refined(
  'slots',
  (u): u is string => typeof u === 'string' && /^(\d+(-\d+(\/\d+)?)?(,(?=\d)|$))*$/.test(u),
)

const optional = <A>(type: t.Type<A, A, unknown>) => t.union([t.undefined, type])

/** Entries of all versions: what a version lacks is optional. */
export const entryCodec = t.strict({
  lineage: name,
  checkpoint: natural,
  owner: name,
  snapshot: t.union([t.null, t.strict({ key: name, sha256, bytes: natural })]),
  positions: t.array(t.strict({ source: name, splits: t.array(splitOffset) })),
  handles: t.record(t.string, json),
  // Version 1 only. Absent means 1: entries written before shards existed have no such field.
  shards: optional(natural),
  // From version 2 on.
  inline: optional(t.record(name, t.string)),
  records: optional(t.record(name, t.tuple([natural, natural]))),
  plan: optional(natural),
  slots: optional(slots),
  released: optional(natural),
  resets: optional(t.readonlyArray(name)),
})

const format: FrameFormat<object> = {
  magic: 'rxweft-ledger',
  version: 2,
  oldest: 1,
  what: 'ledger entry',
  damaged: 'LEDGER_DAMAGED',
  newer: 'LEDGER_NEWER',
  fields: t.type({}),
}

/**
 * Throws Fatal LEDGER_ENTRY_INVALID if the entry could not be read back: an unreadable entry must
 * not become the decision.
 */
export function encodeEntry(entry: LedgerEntry): Uint8Array {
  const checked = entryCodec.decode(entry)
  if (isLeft(checked)) throw invalid(wrongFields(checked.left))
  return encodeFrame(format, {}, Buffer.from(`${text(entry)}\n`)).bytes
}

/** Throws Corrupted LEDGER_DAMAGED or LEDGER_NEWER. `place` names the origin of the bytes. */
export function decodeEntry(bytes: Uint8Array, place: string): LedgerEntry {
  const { body } = decodeFrame(format, bytes, place)
  const decoded = entryCodec.decode(tryParseJson(body.toString('utf8')))
  if (isLeft(decoded)) throw damaged(format, place, `is wrong in: ${wrongFields(decoded.left)}`)
  return madeSafe(decoded.right as LedgerEntry)
}

/** Entry as decoded, without the fields that are undefined. */
export function madeSafe(decoded: LedgerEntry): LedgerEntry {
  // No prototype: a sink may be named `constructor`.
  const handles = Object.assign(Object.create(null), decoded.handles)
  const { shards = 1 } = decoded
  return { ...fieldsOf(decoded), handles, ...(shards === 1 ? {} : { shards }) }
}

function fieldsOf({ lineage, checkpoint, owner, snapshot, positions, handles, ...rest }: LedgerEntry): LedgerEntry {
  const { plan, slots, released, resets } = rest
  const optional = Object.entries({ plan, slots, released, resets }).filter(([, value]) => value !== undefined)
  const records = Object.keys(rest.records ?? {}).length === 0 ? {} : { records: rest.records }
  const known = { ...heldIn(rest.inline), ...records, ...Object.fromEntries(optional) }
  return { lineage, checkpoint, owner, snapshot, positions, handles, ...known }
}

/** Omits the field if the entry holds no snapshot. */
export function heldIn(inline: LedgerEntry['inline'] = {}): Pick<LedgerEntry, 'inline'> {
  return Object.keys(inline).length === 0 ? {} : { inline }
}

/** The entry as JSON of the current version, without fields that it does not know. */
export function entryJson(entry: LedgerEntry): Json {
  return fieldsOf(entry) as unknown as Json
}

function text(entry: LedgerEntry): string {
  try {
    return stringifyJson(entryJson(entry))
  } catch (thrown) {
    throw invalid(String(thrown))
  }
}

function invalid(what: string): FatalError {
  return new FatalError('LEDGER_ENTRY_INVALID', `the ledger entry would have invalid fields: ${what}`, {
    hint: 'A source returned an invalid offset, or a sink returned a handle that is not JSON. Nothing was committed',
  })
}
