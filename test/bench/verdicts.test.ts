/** Whatever the verifier may find wrong must become the problem of a run, and a run with a problem must not count. */
import { describe, expect, it } from 'vitest'
import { bars } from '../../bench/report/bars.ts'
import type { Run } from '../../bench/report/results.ts'
import { complaint } from '../../bench/scenarios/complaint.ts'
import { lossOf } from '../../bench/scenarios/latency.ts'
import { firstAfter } from '../../bench/scenarios/restart.ts'

const good = { records: 10, expected: 10, missing: 0, doubled: 0, reordered: 0, foreign: 0, undecided: 0, series: [] }

describe('a complaint', () => {
  it('is none if everything is there once and in order', () => {
    expect(complaint(good, 10)).toBeNull()
  })

  it.each(['missing', 'doubled', 'reordered', 'foreign', 'undecided'])('says how many are %s', (name) => {
    expect(complaint({ ...good, [name]: 3 }, 10)).toBe(`3 ${name}`)
  })

  it('says that there are too few or too many', () => {
    expect(complaint({ ...good, records: 9 }, 10)).toBe('9 records instead of 10')
  })

  it('says that the verifier looked at another number than was fed', () => {
    expect(complaint({ ...good, records: 0, expected: 0 }, 10)).toBe('the source has 0 records instead of 10')
  })

  it('knows the findings of word count too', () => {
    const counts = { ...{ records: 10, expected: 10, words: 4, series: [] }, wrong: 1, notRising: 2 }
    expect(complaint(counts, 10)).toBe('1 wrong, 2 notRising')
  })
})

describe('a loss under load', () => {
  it('is none if everything came, and about as much as was asked for', () => {
    expect(lossOf({ count: 990, missing: 0, doubled: 0 }, 1_000)).toBeNull()
  })

  it('is what is missing or doubled, and a load that was not there', () => {
    expect(lossOf({ count: 1_000, missing: 1, doubled: 0 }, 1_000)).toBe('1 missing, 0 doubled')
    expect(lossOf({ count: 1_000, missing: 0, doubled: 2 }, 1_000)).toBe('0 missing, 2 doubled')
    expect(lossOf({ count: 900, missing: 0, doubled: 0 }, 1_000)).toBe('only 900 of 1000 records were sent in time')
  })
})

describe('the first record after a restart', () => {
  const seen = [
    [100, 5],
    [200, 5],
    [300, 9],
  ] as const

  it('is one that became visible after the moment, and not a look that saw nothing new', () => {
    expect(firstAfter(seen, 150)).toBe(300)
    expect(firstAfter(seen, 0)).toBe(100)
    expect(firstAfter(seen, 300)).toBeUndefined()
  })
})

describe('the bars', () => {
  const run = (peer: string, warm: number, more: Partial<Run> = {}): Run => {
    return { scenario: 'throughput', shape: '100 B', peer, round: 1, figures: { warm }, ...more }
  }
  const named = (runs: readonly Run[], name: string) => bars(runs).find((bar) => bar.name.includes(name))

  it('are not measured if nothing was', () => {
    expect(bars([]).every(({ met, measured }) => met === null && measured === null)).toBe(true)
  })

  it('compare medians', () => {
    const runs = [run('rxweft', 80), run('rxweft', 800), run('rxweft', 8_000), run('kafkajs', 100)]
    expect(named(runs, 'kafkajs loop')).toMatchObject({ wanted: '>= 8x', measured: '8.0x', met: true })
    expect(named([...runs, run('rxweft', 790), run('rxweft', 700)], 'kafkajs loop')).toMatchObject({ met: false })
  })

  it('are measured against the faster of two, and need both', () => {
    const runs = [run('rxweft', 1_000), run('Flink', 300)]
    expect(named(runs, 'faster of')).toMatchObject({ met: null })
    expect(named([...runs, run('Kafka Streams', 100)], 'faster of')).toMatchObject({ measured: '3.3x', met: false })
  })

  it('leave out runs that were not verified', () => {
    const runs = [run('rxweft', 1_000, { problem: '1 missing' }), run('kafkajs', 100)]
    expect(named(runs, 'kafkajs loop')).toMatchObject({ met: null })
  })

  it('are not met by rounding', () => {
    expect(named([run('rxweft', 699.9), run('codec loop', 1_000)], 'codec loop')).toMatchObject({
      measured: '70 %',
      met: false,
    })
  })

  it('say by how many percent something is slower', () => {
    const checkpoints = (shape: string, warm: number): Run => run('rxweft', warm, { scenario: 'checkpoints', shape })
    const bar = named([checkpoints('100 ms', 95), checkpoints('5000 ms', 100)], 'checkpoints every')
    expect(bar).toMatchObject({ wanted: '< 10 %', measured: '5.0 %', met: true })
  })

  it('are missed by what is exactly what it must be below', () => {
    const restart = (time: number): Run =>
      run('rxweft', 0, { scenario: 'restart', shape: '100 ms', figures: { restart: time } })
    expect(named([restart(1_000)], 'SIGKILL')).toMatchObject({ wanted: '< 1,000 ms', met: false })
    expect(named([restart(999)], 'SIGKILL')).toMatchObject({ met: true })
  })
})
