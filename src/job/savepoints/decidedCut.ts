import type { KeptCheckpoint } from '../../checkpoint/savepoints/savepointCodec.ts'
import type { LedgerEntry } from '../../contracts/ledger.ts'
import type { PlanStore } from '../../contracts/plan.ts'
import { shardSlotsText } from '../../contracts/slotsText.ts'
import { FatalError } from '../../errors.ts'

/** Entries of all shards at one checkpoint each, under one plan. */
export type Cut = Pick<KeptCheckpoint, 'slots' | 'entries'>

export interface CutParts {
  readonly job: string
  readonly store: Pick<PlanStore, 'read' | 'entry' | 'place'>
}

/** Decided entries of all shards under one plan; null while they do not fit together. */
export async function decidedCut({ store, job }: CutParts): Promise<Cut | null> {
  const plan = await store.read()
  const shards = plan?.owners.length ?? 1
  const found = await Promise.all(Array.from({ length: shards }, (_, shard) => store.entry(shard)))
  const entries = found.filter((entry) => entry !== null)
  if (plan === null && found[0] === null) throw tooEarly(job, store.place)
  if (entries.length < shards) return null
  if (plan === null) return entries.some(({ slots }) => slots !== undefined) ? null : { slots: null, entries }
  const { lineage, slots, number } = plan
  const fits = (entry: LedgerEntry, shard: number): boolean =>
    entry.lineage === lineage && entry.slots === shardSlotsText(slots, shard)
  // Slots that move meanwhile would be in two shards, or in none.
  return entries.every(fits) && (await store.read())?.number === number ? { slots, entries } : null
}

function tooEarly(job: string, place: string): FatalError {
  return new FatalError('SAVEPOINT_TOO_EARLY', `${place} has no checkpoint of the job`, {
    where: { job },
    hint: 'Wait until the job has started; event `restored` tells',
  })
}
