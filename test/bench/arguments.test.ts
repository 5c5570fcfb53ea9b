import { describe, expect, it } from 'vitest'
import { parse } from '../../bench/arguments.ts'
import { plans, scaled } from '../../bench/plan.ts'

const read = (...args: string[]) => parse(args, ['throughput', 'latency'], ['rxweft', 'codec loop'])

describe('the command line of the benches', () => {
  it('wants either quick or full', () => {
    expect(read('--quick')).toMatchObject({ mode: 'quick', only: null, peers: null, scale: 1, rounds: null })
    expect(read('--full').mode).toBe('full')
    expect(() => read()).toThrow('either --quick or --full')
    expect(() => read('--quick', '--full')).toThrow('either --quick or --full')
  })

  it('wants neither if no run is asked for', () => {
    expect(read('--charts', 'a.json').charts).toBe('a.json')
    expect(read('--help').help).toBe(true)
  })

  it('takes lists of what there is, and refuses what there is not', () => {
    expect(read('--quick', '--only', 'latency, throughput', '--peers', 'codec loop')).toMatchObject({
      only: ['latency', 'throughput'],
      peers: ['codec loop'],
    })
    expect(() => read('--quick', '--only', 'speed')).toThrow('there is no "speed", but throughput, latency')
    expect(() => read('--quick', '--peers', 'spark')).toThrow('there is no "spark"')
  })

  it('refuses a scale that is none', () => {
    expect(() => read('--quick', '--scale', 'much')).toThrow('--scale is a number above 0')
    expect(() => read('--quick', '--rounds', '0')).toThrow('--rounds is a number above 0')
  })
})

describe('a plan', () => {
  it('has five runs of each for the bars of the full suite, and whatever the bars need in both', () => {
    for (const { throughput, checkpoints, latency, state, memory } of Object.values(plans)) {
      const shapes = throughput.map(({ name }) => name)
      expect(shapes).toEqual(expect.arrayContaining(['100 B', '1 KiB', 'zstd', '64 partitions']))
      expect(checkpoints.intervals).toEqual(expect.arrayContaining([100, 5_000]))
      expect(latency.peers.rxweft).toEqual([100, 20])
      expect([state.keys, memory.records]).toEqual([1_000_000, 20_000_000])
    }
    const compared = plans.full.throughput.filter(({ name }) =>
      ['100 B', '1 KiB', 'zstd', '64 partitions'].includes(name),
    )
    expect(compared.map(({ rounds }) => rounds)).toEqual([5, 5, 5, 5])
  })

  it('can be tried out with a part of the records and one run of each', () => {
    const { throughput, memory, restart, state } = scaled(plans.quick, 0.01, 1)
    expect(throughput[0]).toMatchObject({ records: 30_000, rounds: 1 })
    expect([memory.records, restart.kills, state.keys]).toEqual([200_000, 1, 10_000])
    expect(scaled(plans.quick, 1, null)).toEqual(plans.quick)
  })
})
