import type { KeptCheckpoint } from '../../checkpoint/savepoints/savepointCodec.ts'
import { isReleased, type LedgerEntry } from '../../contracts/ledgerEntry.ts'
import type { PlanStore } from '../../contracts/plan.ts'
import { shardSlotsText } from '../../contracts/slotsText.ts'
import { FatalError } from '../../errors.ts'

/** Entries of all shards at one checkpoint each, under one plan. */
export type Cut = Pick<KeptCheckpoint, 'slots' | 'entries'>

export interface CutParts {
  readonly job: string
  readonly store: Pick<PlanStore, 'read' | 'entry' | 'place'>
  /** Whether all members have to be at rest: every shard was let go, and nobody has taken it. */
  readonly atRest?: boolean | undefined
}

/**
 * Decided entries of all shards under one plan; null while they do not fit together, or are not at
 * rest.
 */
export async function decidedCut({ store, job, atRest = false }: CutParts): Promise<Cut | null> {
  const plan = await store.read()
  const shards = plan?.owners.length ?? 1
  const read = () => Promise.all(Array.from({ length: shards }, (_, shard) => store.entry(shard)))
  const found = await read()
  const entries = found.filter((entry) => entry !== null)
  if (plan === null && found[0] === null) throw tooEarly(job, store.place)
  if (entries.length < shards) return null
  if (plan === null) return entries.some(({ slots }) => slots !== undefined) ? null : { slots: null, entries }
  const { lineage, slots, number } = plan
  const fits = (entry: LedgerEntry, shard: number): boolean =>
    entry.lineage === lineage && entry.slots === shardSlotsText(slots, shard) && (!atRest || isReleased(entry))
  // Slots that move meanwhile would be in two shards, or in none.
  if (!entries.every(fits)) return null
  // One shard may have been taken again before another one was let go. If all are the same when
  // read again, there was a moment in between at which all were at rest.
  const again = atRest ? await read() : entries
  if (!entries.every((entry, shard) => isSame(entry, again[shard] ?? null))) return null
  return (await store.read())?.number === number ? { slots, entries } : null
}

function isSame(one: LedgerEntry, again: LedgerEntry | null): boolean {
  const signs: readonly (keyof LedgerEntry)[] = ['plan', 'owner', 'released', 'checkpoint']
  return again !== null && signs.every((sign) => again[sign] === one[sign])
}

function tooEarly(job: string, place: string): FatalError {
  return new FatalError('SAVEPOINT_TOO_EARLY', `${place} has no checkpoint of the job`, {
    where: { job },
    hint: 'Wait until the job has started; event `restored` tells',
  })
}
