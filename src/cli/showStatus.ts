/** The status of a job as text, for a terminal. */
import type { JobStatus, MemberStatus, ShardStatus } from './jobStatus.ts'

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
  return [String(shard), ownerOf(rest), state, known, shownAge(checkpoint, age), late, shownBytes(bytes)]
}

function ownerOf({ owner, instance, planned }: Pick<ShardStatus, 'owner' | 'instance' | 'planned'>): string {
  const now = owner === null ? '-' : (instance ?? owner.slice(0, 8))
  if (planned === null || planned.member === owner) return now
  return `${now} -> ${planned.instance ?? planned.member.slice(0, 8)}`
}

function shownAge(checkpoint: number | null, age: number | null): string {
  if (checkpoint === null) return '-'
  if (age === null) return '?'
  if (age < 60_000) return `${(age / 1_000).toFixed(1)} s`
  return age < 7_200_000 ? `${Math.round(age / 60_000)} min` : `${Math.round(age / 3_600_000)} h`
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

function shownBytes(bytes: number): string {
  const power = bytes === 0 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1_024 ** power
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${units[power]}`
}

/** Columns as wide as their widest cell. */
function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [titles, ...rows]
  const widths = titles.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)))
  return all
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function grouped(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',')
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
