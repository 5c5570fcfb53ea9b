import { describe, expect, it } from 'vitest'
import { type Facts, jobStatus, type LedgerFact, type MemberFact } from '../../src/cli/jobStatus.ts'
import { showStatus } from '../../src/cli/showStatus.ts'
import type { MemberRecord } from '../../src/contracts/members.ts'

const now = 1_700_000_000_000

function ledger(owner: string, checkpoint: number, age: number | null, bytes = 0): LedgerFact {
  const splits = [{ topic: 'lines', partition: 0, offset: 100 }]
  const snapshot = bytes === 0 ? null : { key: 'k', sha256: 'a'.repeat(64), bytes }
  const entry = { lineage: 'l', checkpoint, owner, snapshot, positions: [{ source: 's', splits }], handles: {} }
  return { entry, committedAt: age === null ? null : now - age }
}

function member(name: string, instance: string, shards: MemberRecord['shards'], more: Partial<MemberFact> = {}) {
  const record: MemberFact = {
    saidAt: now - 5_000,
    ...{ member: name, instance, zone: null, threads: 2, host: 'h', pid: 7, state: 'running', plan: 4, shards },
    ...more,
  }
  return [name, record] as const
}

const running = { doing: 'running', checkpoint: 7, plan: 4 } as const

const facts: Facts = {
  job: 'word-count',
  plan: {
    number: 4,
    lineage: 'l',
    slots: Array.from({ length: 256 }, (_, slot) => slot % 4),
    owners: ['aaaa-1', 'bbbb-1', 'bbbb-1', 'dead-1'],
    members: {
      'aaaa-1': { instance: 'pod-0', groupMember: 'g0', zone: 'a' },
      'bbbb-1': { instance: 'pod-1', groupMember: 'g1' },
      'dead-1': { instance: 'pod-2', groupMember: 'g2' },
    },
  },
  members: new Map([
    member('aaaa-1', 'pod-0', { 0: running }),
    member('bbbb-1', 'pod-1', {
      1: { ...running, idle: true },
      2: { ...running, doing: 'warming' },
    }),
  ]),
  ledger: [
    ledger('aaaa-1', 18_221, 400, 88 * 1024 ** 2),
    ledger('bbbb-1', 7, 90_000),
    ledger('aaaa-1', 9, null, 1_500),
    null,
  ],
  endOf: ({ topic }) => (topic === 'lines' ? 1_304 : null),
  now,
}

describe('the status of a job', () => {
  it('is shown as members and shards, with moves, ages, lags and sizes', () => {
    expect(showStatus(jobStatus(facts))).toBe(
      `
job word-count   plan 4   4 shards on 2 members   256 slots
member      zone  state    threads  shards
pod-0/aaaa  a     running  2        0
pod-1/bbbb  -     running  2        1 2
pod-2/dead  -     silent   -        3
shard  owner           state    checkpoint  age    lag    snapshot
0      pod-0           running  18,221      0.4 s  1,204  88 MiB
1      pod-1           idle     7           2 min  1,204  0 B
2      pod-0 -> pod-1  warming  9           ?      1,204  1.5 KiB
3      - -> pod-2      unknown  -           -      ?      0 B`.trim(),
    )
  })

  it('names the error of a shard that has failed', () => {
    const error = { code: 'OPERATOR_FAILED', message: 'OPERATOR_FAILED: map threw' }
    const members = new Map([member('aaaa-1', 'pod-0', { 0: { ...running, doing: 'failed', error } })])
    const status = jobStatus({ ...facts, members })
    expect(status.shards[0]).toMatchObject({ state: 'failed', error })
    expect(showStatus(status)).toMatch(/\nshard 0: OPERATOR_FAILED: map threw$/)
  })

  it('does not believe a member that has said nothing for 15 s, and forgets it once it is in no plan', () => {
    const old = { saidAt: now - 16_000 }
    const members = new Map([member('aaaa-1', 'pod-0', { 0: running }, old), member('gone-1', 'pod-7', {}, old)])
    const status = jobStatus({ ...facts, members })
    expect(status.members.map(({ instance, state }) => `${instance} ${state}`)).toEqual([
      'pod-0 silent',
      'pod-1 silent',
      'pod-2 silent',
    ])
    expect(status.shards[0]).toMatchObject({ state: 'unknown', instance: 'pod-0' })
  })

  it('of a job without a plan has the execution as owner', () => {
    const status = jobStatus({ ...facts, plan: null, members: new Map(), ledger: [ledger('0123456789', 3, 1_000)] })
    expect(status.shards).toMatchObject([{ owner: '0123456789', instance: null, planned: null, state: 'unknown' }])
    expect(showStatus(status)).toBe(
      `
job word-count   no plan   1 shard
shard  owner     state    checkpoint  age    lag    snapshot
0      01234567  unknown  3           1.0 s  1,204  0 B`.trim(),
    )
  })

  it('does not know the lag behind a topic that is gone, nor a negative age', () => {
    const [first] = jobStatus({ ...facts, endOf: () => null, now: now - 60_000 }).shards
    expect(first).toMatchObject({ lag: null, age: 0 })
  })
})
