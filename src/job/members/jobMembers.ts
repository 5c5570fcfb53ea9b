/** The whole job, seen from one process: plan and records of members as one picture. */
import type { Membership, ShardDoing } from '../../contracts/members.ts'
import type { Plan } from '../../contracts/plan.ts'
import type { CheckpointId } from '../../record.ts'

/** All processes and shards of a job, as emitted by `members$` of the job's handle. */
export interface JobMembers {
  /** Number of the plan; 0: none yet. */
  readonly plan: number
  /** Processes that are alive or in the plan. */
  readonly members: readonly JobMember[]
  /** Shards, by number. */
  readonly shards: readonly JobShard[]
}

/** Process of a job. */
export interface JobMember {
  /** Random id of one start of the process. */
  readonly member: string
  /** Name of the process. */
  readonly instance: string
  /** Failure zone; null if unknown. */
  readonly zone: string | null
  /** 'silent': in the plan, and nothing is heard of it. */
  readonly state: 'running' | 'leaving' | 'stopping' | 'silent'
  /** Threads that run shards; 0 if unknown. */
  readonly threads: number
  /** Host name; undefined if unknown. */
  readonly host: string | undefined
}

/** Shard of a job. */
export interface JobShard {
  /** Number, from 0. */
  readonly shard: number
  /** Member to which the plan gives the shard; null if to none. */
  readonly owner: string | null
  /** Member that runs it at the moment, perhaps until the owner is ready; null if none. */
  readonly running: string | null
  /** State of the shard at its owner; undefined if the owner says nothing of it. */
  readonly doing: ShardDoing | undefined
  /** Last checkpoint that any member has reported; 0 if none. */
  readonly checkpoint: CheckpointId
}

export function jobMembers(plan: Plan | null, { records, alive }: Pick<Membership, 'records' | 'alive'>): JobMembers {
  const living = (alive ?? []).map((one) => [one.member, one] as const)
  const all = new Map<string, { readonly instance: string; readonly zone?: string | null | undefined }>([
    ...Object.entries(plan?.members ?? {}),
    ...living,
  ])
  const members = [...all].map(([member, { instance, zone }]): JobMember => {
    const record = records.get(member)
    const { state = 'silent', threads = 0, host } = record ?? {}
    return { member, instance, zone: zone ?? null, state, threads, host }
  })
  const shards = (plan?.owners ?? []).map((owner, shard): JobShard => {
    const said = [...records.values()].map((record) => ({ member: record.member, ...record.shards[shard] }))
    const running = said.find(({ doing }) => doing === 'running' || doing === 'releasing')?.member ?? null
    const doing = owner === null ? undefined : records.get(owner)?.shards[shard]?.doing
    const checkpoint = Math.max(0, ...said.map(({ checkpoint = 0 }) => checkpoint))
    return { shard, owner, running, doing, checkpoint }
  })
  return { plan: plan?.number ?? 0, members, shards }
}
