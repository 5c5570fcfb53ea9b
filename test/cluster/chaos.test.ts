import { describe, expect, it } from 'vitest'
import { kafkaVersions } from '../../tools/broker/kafkaJars.ts'
import { seededRandom } from '../faults/seededRandom.ts'
import { clusterRounds } from './chaos.ts'
import { costTable, recoveriesOf, showRecoveries } from './costs.ts'
import type { ClusterFault } from './fault.ts'
import { clusterFaults } from './faults.ts'
import type { Struck } from './playClusterRound.ts'

const fault = (name: string): ClusterFault => ({ name, inject: async () => undefined })
const struck = (recovery: number | null, name = 'killed'): Struck => ({
  fault: fault(name),
  cost: recovery === null ? null : { recovery, silence: 2 * recovery, restarts: 1 },
})

describe('the rounds of a run on three brokers', () => {
  const first = (count: number, upgrading: boolean) => {
    const all = clusterRounds(seededRandom(1), clusterFaults, 12, upgrading)
    return Array.from({ length: count }, () => all.next().value)
  }

  it('begin with an upgrade from the oldest version to the newest, with faults in between', () => {
    const [round] = first(1, true)
    expect(round?.version).toBe(kafkaVersions[0])
    const names = round?.faults.map(({ name }) => (name.startsWith('rolling upgrade') ? name : 'fault'))
    const [, middle, newest] = kafkaVersions
    const two = ['fault', 'fault']
    const expected = [...two, `rolling upgrade to ${middle}`, ...two, `rolling upgrade to ${newest}`, ...two]
    expect(names).toEqual(expected)
  })

  it('go through the versions, and bring every fault once before any comes again', () => {
    const enough = Math.ceil(clusterFaults.length / 12)
    const found = first(enough, false)
    expect(new Set(found.map((round) => round?.version))).toEqual(new Set(kafkaVersions))
    const names = found.flatMap((round) => round?.faults.map(({ name }) => name) ?? [])
    expect(names.sort()).toEqual(clusterFaults.map(({ name }) => name).sort())
  })
})

describe('the list of the faults of a cluster', () => {
  it('has no name twice, and twelve for npm test, which hit every role', () => {
    const names = clusterFaults.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    const short = clusterFaults.filter((one) => one.short).map(({ name }) => name)
    expect(short.length).toBe(12)
    const roles = new Set(names.filter((name) => name.includes(': ')).map((name) => name.split(': ')[0]))
    roles.delete('the job is killed')
    for (const role of roles) expect(short.some((name) => name.startsWith(`${role}:`))).toBe(true)
  })
})

describe('what faults have cost', () => {
  it('is the recovery that 99 of 100 do not exceed, and the worst', () => {
    const all = Array.from({ length: 200 }, (_, at) => struck(at + 1))
    expect(recoveriesOf(all)).toEqual({ count: 200, median: 100, p99: 198, worst: 200 })
    expect(recoveriesOf([struck(null)])).toBeNull()
  })

  it.each([
    [[5_000, 5_000], 'met'],
    [[5_100, 5_100], 'NOT MET'],
    [[...Array.from({ length: 199 }, () => 100), 15_100], 'NOT MET'],
    [[...Array.from({ length: 199 }, () => 100), 14_900], 'met'],
  ])('is held against the goal', (recoveries, verdict) => {
    const found = recoveriesOf(recoveries.map((ms) => struck(ms)))
    expect(found && showRecoveries(found)).toMatch(new RegExp(`: ${verdict}$`))
  })

  it('is shown by fault: how often, how many failed, and the worst of each', () => {
    const lines = costTable([fault('killed'), fault('paused')], [struck(1_000), struck(null), struck(3_000, 'paused')])
    expect(lines.slice(1)).toEqual([
      'killed      2       1         1           1.0 s          2.0 s',
      'paused      1       0         1           3.0 s          6.0 s',
    ])
  })
})
