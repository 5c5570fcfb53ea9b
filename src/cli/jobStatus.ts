/** Status of a job, made from what its cluster holds: a pure function. */

import type { LedgerEntry } from '../contracts/ledger.ts'
import type { MemberRecord, ShardDoing } from '../contracts/members.ts'
import type { Plan } from '../contracts/plan.ts'
import type { Split, SplitOffset } from '../record.ts'

/** What was read from the cluster. */
export interface Facts {
  readonly job: string
  /** Null for a job without a plan. */
  readonly plan: Plan | null
  /** Newest record of each member, by its incarnation. */
  readonly members: ReadonlyMap<string, MemberFact>
  /** Ledger of each shard. */
  readonly ledger: readonly (LedgerFact | null)[]
  /** End of a split that a source reads; null if the topic does not exist. */
  readonly endOf: (split: Split) => number | null
  /** ms since the epoch. */
  readonly now: number
}

/** Newest record of a member. */
export interface MemberFact extends MemberRecord {
  /** Time of the record, by the broker's clock, ms since the epoch; null if unknown. */
  readonly saidAt: number | null
}

/** Silence after which a member counts as silent, ms: it says something each 5 s. */
const silence = 15_000

/** Current ledger entry of a shard. */
export interface LedgerFact {
  readonly entry: LedgerEntry
  /** Commit of its checkpoint, by the broker's clock, ms since the epoch; null if unknown. */
  readonly committedAt: number | null
}

export interface JobStatus {
  /** Time of this status, by the clock of this machine, ms since the epoch. */
  readonly time: number
  readonly job: string
  /** Number of the plan; null for a job without one. */
  readonly plan: number | null
  /** Number of slots; null for a job without a plan. */
  readonly slots: number | null
  readonly members: readonly MemberStatus[]
  readonly shards: readonly ShardStatus[]
}

export interface MemberStatus {
  /** Incarnation: the random id of one start of the process. */
  readonly member: string
  readonly instance: string
  readonly zone: string | null
  /** What the member says about itself; 'silent': nothing for 15 s. */
  readonly state: MemberRecord['state'] | 'silent'
  readonly host: string | null
  readonly pid: number | null
  readonly threads: number | null
  /** Shards that the plan gives to it. */
  readonly shards: readonly number[]
}

export interface ShardStatus {
  readonly shard: number
  /** Member that has signed the current ledger entry; null before genesis. */
  readonly owner: string | null
  /** Its instance; null if it is in no plan. */
  readonly instance: string | null
  /** Member that the plan gives the shard to, with its instance; null without a plan. */
  readonly planned: { readonly member: string; readonly instance: string | null } | null
  /** What the planned member says about the shard; 'unknown' without a plan or a word from it. */
  readonly state: ShardDoing | 'idle' | 'unknown'
  /** Last committed checkpoint; null before genesis. */
  readonly checkpoint: number | null
  /** Time since its commit, ms; null if unknown. */
  readonly age: number | null
  /** Offsets between the checkpoint and the ends of its splits; null if unknown. */
  readonly lag: number | null
  /** Size of its last snapshot, bytes. */
  readonly bytes: number
  /** Error that stopped the shard. */
  readonly error?: { readonly code: string; readonly message: string }
}

export function jobStatus(given: Facts): JobStatus {
  const facts = { ...given, members: heard(given) }
  const { job, plan, ledger } = facts
  return {
    time: facts.now,
    job,
    plan: plan?.number ?? null,
    slots: plan?.slots.length ?? null,
    members: membersOf(facts),
    shards: Array.from({ length: plan?.owners.length ?? ledger.length }, (_, shard) => shardOf(facts, shard)),
  }
}

/** Without the records of members that have ended without a word. */
function heard({ members, now }: Facts): Facts['members'] {
  const recent = ({ saidAt }: MemberFact): boolean => saidAt === null || now - saidAt <= silence
  return new Map([...members].filter(([, one]) => recent(one)))
}

function membersOf({ plan, members }: Facts): readonly MemberStatus[] {
  const names = new Set([...Object.keys(plan?.members ?? {}), ...members.keys()])
  const all = [...names].map((member): MemberStatus => {
    const [planned, said] = [plan?.members[member], members.get(member)]
    return {
      member,
      instance: planned?.instance ?? (said?.instance as string),
      zone: planned?.zone ?? said?.zone ?? null,
      state: said?.state ?? 'silent',
      host: said?.host ?? null,
      pid: said?.pid ?? null,
      threads: said?.threads ?? null,
      shards: (plan?.owners ?? []).flatMap((owner, shard) => (owner === member ? [shard] : [])),
    }
  })
  return all.sort((a, b) => (a.instance < b.instance ? -1 : a.instance > b.instance ? 1 : 0))
}

function shardOf({ plan, members, ledger, endOf, now }: Facts, shard: number): ShardStatus {
  const fact = ledger[shard] ?? null
  const instanceOf = (member: string): string | null =>
    plan?.members[member]?.instance ?? members.get(member)?.instance ?? null
  const owner = fact?.entry.owner ?? null
  const planned = plan?.owners[shard] ?? null
  const said = planned === null ? undefined : members.get(planned)?.shards[shard]
  return {
    shard,
    owner,
    instance: owner === null ? null : instanceOf(owner),
    planned: planned === null ? null : { member: planned, instance: instanceOf(planned) },
    state: said === undefined ? 'unknown' : said.doing === 'running' && said.idle === true ? 'idle' : said.doing,
    checkpoint: fact?.entry.checkpoint ?? null,
    age: fact === null || fact.committedAt === null ? null : Math.max(0, now - fact.committedAt),
    lag: fact === null ? null : lagOf(fact.entry, endOf),
    bytes: fact?.entry.snapshot?.bytes ?? 0,
    ...(said?.error === undefined ? {} : { error: said.error }),
  }
}

function lagOf({ positions }: LedgerEntry, endOf: Facts['endOf']): number | null {
  const behind = positions.flatMap(({ splits }) => splits.map((split) => lagAt(split, endOf)))
  return behind.some((one) => one === null) ? null : behind.reduce<number>((sum, one) => sum + (one as number), 0)
}

/** Offsets between a position and the end of its split; null if the split does not exist. */
export function lagAt(position: SplitOffset, endOf: Facts['endOf']): number | null {
  const end = endOf(position)
  return end === null ? null : Math.max(0, end - position.offset)
}
