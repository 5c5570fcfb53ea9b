/**
 * A plan as bytes, the same in a Kafka record, a file and a database column: a frame (frame.ts)
 * around one JSON line. In a storage of write-once keys, where a plan and ledger entries cannot be
 * written together, the entries that are decided with the plan stand in that line.
 */
import { Buffer } from 'node:buffer'
import { isLeft } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { LedgerEntry } from '../contracts/ledgerEntry.ts'
import type { Plan } from '../contracts/plan.ts'
import { FatalError } from '../errors.ts'
import { stringifyJson, tryParseJson } from '../json.ts'
import type { Json } from '../record.ts'
import { name, natural, wrongFields } from './codecs.ts'
import { damaged, decodeFrame, encodeFrame, type FrameFormat } from './frame.ts'
import { entryCodec, entryJson, madeSafe } from './ledgerCodec.ts'

const member = t.intersection([
  t.type({ instance: name, groupMember: t.union([t.null, name]) }),
  t.partial({ zone: t.union([t.undefined, name]) }),
])

const table = t.refinement(t.array(natural), ({ length }) => length > 0)
const owner = t.union([t.null, name])

const moving = t.refinement(
  t.type({ request: natural, slots: table, shards: natural, owners: t.array(owner) }),
  ({ slots, shards }) => slots.every((shard) => shard < shards),
  'moving',
)

const moved = t.intersection([
  t.type({ request: natural }),
  t.partial({ error: t.union([t.undefined, t.type({ code: t.string, message: t.string })]) }),
])

const fields = t.intersection([
  t.type({
    number: t.refinement(natural, (number) => number > 0),
    lineage: name,
    slots: table,
    owners: t.array(owner),
    members: t.record(t.string, member),
  }),
  t.partial({
    moving: t.union([t.undefined, moving]),
    moved: t.union([t.undefined, moved]),
    since: t.union([t.undefined, t.array(natural)]),
    entries: t.record(t.string, entryCodec),
  }),
])

const planned = t.refinement(
  fields,
  ({ slots, owners, moving }) =>
    slots.every((shard) => shard < owners.length) && (moving?.slots.length ?? slots.length) === slots.length,
  'slots',
)

const format: FrameFormat<object> = {
  magic: 'rxweft-plan',
  version: 2,
  oldest: 1,
  what: 'plan',
  damaged: 'LEDGER_DAMAGED',
  newer: 'LEDGER_NEWER',
  fields: t.type({}),
}

/** A plan, and ledger entries that are decided with it. */
export interface PlanRecord {
  readonly plan: Plan
  readonly entries: ReadonlyMap<number, LedgerEntry>
}

/** A version that knows no moves would drop one, and leave its shards to nobody. */
const withoutMoves: FrameFormat<object> = { ...format, version: 1 }

const none: ReadonlyMap<number, LedgerEntry> = new Map()

/**
 * Throws Fatal LEDGER_ENTRY_INVALID if the plan could not be read back: an unreadable plan must not
 * become the decision.
 */
export function encodePlan(plan: Plan, entries = none): Uint8Array {
  const { number, lineage, slots, owners, members, moving, moved, since } = plan
  const moves = moving === undefined && moved === undefined && since === undefined ? {} : { moving, moved, since }
  const decided = Object.fromEntries([...entries].map(([shard, entry]) => [shard, entryJson(entry)]))
  const beside = entries.size === 0 ? {} : { entries: decided }
  const record = { number, lineage, slots, owners, members, ...moves, ...beside }
  const checked = planned.decode(record)
  if (isLeft(checked)) throw invalid(wrongFields(checked.left))
  const kind = moving === undefined ? withoutMoves : format
  return encodeFrame(kind, {}, Buffer.from(`${stringifyJson(record as unknown as Json)}\n`)).bytes
}

/** Throws Corrupted LEDGER_DAMAGED or LEDGER_NEWER. `place` names the origin of the bytes. */
export function decodePlan(bytes: Uint8Array, place: string): PlanRecord {
  const { body } = decodeFrame(format, bytes, place)
  const decoded = planned.decode(tryParseJson(body.toString('utf8')))
  if (isLeft(decoded)) throw damaged(format, place, `is wrong in: ${wrongFields(decoded.left)}`)
  const { entries = {}, members, ...rest } = decoded.right
  const plan = { ...known(rest), members: Object.assign(Object.create(null), members) }
  const decided = Object.entries(entries).map(([shard, entry]) => [Number(shard), madeSafe(entry as LedgerEntry)])
  return { plan, entries: new Map(decided as [number, LedgerEntry][]) }
}

/** Without fields of a later version, which this one could not keep true. */
function known({ number, lineage, slots, owners, moving, moved, since }: Omit<Plan, 'members'>): Omit<Plan, 'members'> {
  return {
    ...{ number, lineage, slots, owners },
    ...(moving === undefined ? {} : { moving }),
    ...(moved === undefined ? {} : { moved }),
    ...(since === undefined ? {} : { since }),
  }
}

function invalid(what: string): FatalError {
  return new FatalError('LEDGER_ENTRY_INVALID', `the plan would have invalid fields: ${what}`, {
    hint: 'Nothing was committed',
  })
}
