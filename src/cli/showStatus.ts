/** The status of a job as text, for a terminal. */
import type { JobStatus, MemberStatus, ShardStatus } from './jobStatus.ts'
import { counted, grouped, shownAge, shownBytes, table } from './table.ts'

export function showStatus(status: JobStatus): string {
  const { members, shards } = status
  const parts = [head(status)]
  if (members.length > 0) parts.push(table(['member', 'zone', 'state', 'threads', 'shards'], members.map(memberRow)))
  parts.push(table(['shard', 'owner', 'state', 'checkpoint', 'age', 'lag', 'snapshot'], shards.map(shardRow)))
  const failed = shards.flatMap(({ shard, error }) => (error === undefined ? [] : [`shard ${shard}: ${error.message}`]))
  return [...parts, ...failed].join('\n')
}

function head({ job, plan, slots, members, shards }: JobStatus): string {
  const running = members.filter(({ state }) => state !== 'silent').length
  const planned = plan === null ? 'no plan' : `plan ${plan}`
  const over = plan === null ? '' : ` on ${counted(running, 'member')}`
  return [
    `job ${job}`,
    planned,
    `${counted(shards.length, 'shard')}${over}`,
    ...(slots === null ? [] : [`${slots} slots`]),
  ].join('   ')
}

function memberRow({ member, instance, zone, state, threads, shards }: MemberStatus): readonly string[] {
  return [`${instance}/${member.slice(0, 4)}`, zone ?? '-', state, `${threads ?? '-'}`, shards.join(' ') || '-']
}

function shardRow({ shard, checkpoint, state, age, lag, bytes, ...rest }: ShardStatus): readonly string[] {
  const known = checkpoint === null ? '-' : grouped(checkpoint)
  const late = lag === null ? '?' : grouped(lag)
  return [
    String(shard),
    ownerOf(rest),
    state,
    known,
    checkpoint === null ? '-' : shownAge(age),
    late,
    shownBytes(bytes),
  ]
}

function ownerOf({ owner, instance, planned }: Pick<ShardStatus, 'owner' | 'instance' | 'planned'>): string {
  const now = owner === null ? '-' : (instance ?? owner.slice(0, 8))
  if (planned === null || planned.member === owner) return now
  return `${now} -> ${planned.instance ?? planned.member.slice(0, 8)}`
}
