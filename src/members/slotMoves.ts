/**
 * Plans that move slots while the members of a job run: pure functions.
 *
 *   requested   plan n + 1 takes the shards concerned from their owners, who let them go
 *   moved       plan n + k gives all slots to their new shards, together with new ledger entries
 *   given back  instead: the shards go back to their owners, and the plan says why
 */
import type { EndedMove, Plan, SlotMove } from '../contracts/plan.ts'
import { shardsConcerned } from '../contracts/slotMoves.ts'
import { slotsOf } from '../contracts/slotTable.ts'

/** Table wanted, and the number of shards that it has. */
export type WantedSlots = Pick<SlotMove, 'slots' | 'shards'>

/** The plan that begins the move; null if there is nothing to move. */
export function requested(plan: Plan, { slots, shards }: WantedSlots): Plan | null {
  const concerned = shardsConcerned(plan.slots, slots)
  if (concerned.length === 0 && shards === plan.owners.length) return null
  const request = plan.number + 1
  return {
    ...plan,
    number: request,
    owners: plan.owners.map((owner, shard) => (concerned.includes(shard) || shard >= shards ? null : owner)),
    moving: { request, slots, shards, owners: plan.owners },
  }
}

/** Shards whose ledger entries a move replaces. */
export function movedShards(plan: Plan, { slots }: SlotMove): readonly number[] {
  return shardsConcerned(plan.slots, slots)
}

/** Shards that must be let go before their slots can move. */
export function givers(plan: Plan, move: SlotMove): readonly number[] {
  return movedShards(plan, move).filter((shard) => slotsOf(plan.slots, shard).length > 0)
}

/** Gives shards that have no owner to somebody; null: it changes nothing. */
export type Placing = (plan: Plan) => Plan | null

/** The plan after the move. Shards stay where they were, as far as load allows. */
export function moved(plan: Plan, move: SlotMove, place: Placing): Plan {
  const { request, slots, shards } = move
  const number = plan.number + 1
  const concerned = movedShards(plan, move)
  const owners = Array.from({ length: shards }, (_, shard) => {
    return (concerned.includes(shard) ? move.owners[shard] : plan.owners[shard]) ?? null
  })
  const since = owners.map((_, shard) => (concerned.includes(shard) ? number : (plan.since?.[shard] ?? 0)))
  return placed({ ...plan, slots, owners, since }, { request }, place)
}

/** The plan that undoes the request. */
export function givenBack(plan: Plan, { request, owners }: SlotMove, error: EndedMove['error'], place: Placing): Plan {
  const before = plan.owners.map((owner, shard) => owner ?? owners[shard] ?? null)
  return placed({ ...plan, owners: before }, { request, error }, place)
}

/** Nobody runs shards without an owner, so their owners are in this plan already. */
function placed(plan: Plan, ended: EndedMove, place: Placing): Plan {
  const { moving: _, ...after } = plan
  const next = place(after) ?? after
  return { ...next, number: plan.number + 1, moved: ended }
}
