import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { growthOf, memoryBy } from '../../bench/measure/memory.ts'
import { rateOf, spanFrom, warmSpan, wholeSpan } from '../../bench/measure/rates.ts'
import { busyOf, cpuWithin, othersWithin, peakOf, type Sample, sampler, usageOf } from '../../bench/measure/sampler.ts'
import { median, spread } from '../../bench/measure/stats.ts'

describe('the spread of several runs', () => {
  it('has the middle one, and the ends, whatever their order', () => {
    expect(spread([5, 1, 9, 3, 7])).toEqual({ median: 5, min: 1, max: 9, runs: 5 })
  })

  it('sorts numbers as numbers', () => {
    expect(median([100, 20, 3])).toBe(20)
  })

  it('has the mean of the two in the middle of an even number', () => {
    expect(median([1, 2, 10, 4])).toBe(3)
  })

  it('is none if there are no runs', () => {
    expect(spread([])).toBeNull()
    expect(median([])).toBeNaN()
  })
})

describe('a rate', () => {
  /** A slow first second, then 1,000 records a second. */
  const series = [
    [1_000, 0],
    [2_000, 100],
    [2_100, 1_000],
    [3_100, 2_000],
    [4_100, 3_000],
  ] as const

  it('is from the first append to the last', () => {
    expect(wholeSpan(series)).toEqual({ from: 1_000, to: 4_100, records: 3_000 })
    expect(rateOf({ from: 1_000, to: 3_000, records: 3_000 })).toBe(1_500)
  })

  it('leaves out the first third of the records, and the time that they took', () => {
    const warm = warmSpan(series)
    expect(warm).toEqual({ from: 2_100, to: 4_100, records: 2_000 })
    expect(rateOf(warm as NonNullable<typeof warm>)).toBe(1_000)
  })

  it('counts no record that was there when its time began', () => {
    expect(spanFrom(series, 1_500)).toEqual({ from: 3_100, to: 4_100, records: 1_000 })
  })

  it('is none if everything came at once, or nothing', () => {
    expect(wholeSpan([[1_000, 5]])).toBeNull()
    expect(wholeSpan([])).toBeNull()
    expect(spanFrom(series, 3_001)).toBeNull()
  })
})

describe('CPU time within a span', () => {
  const samples: Sample[] = [
    { at: 0, cpu: 0, resident: 10, others: 100 },
    { at: 100, cpu: 1, resident: 50, others: 100 },
    { at: 200, cpu: 3, resident: 30, others: 100.2 },
  ]

  it('takes the share of what lies between two samples', () => {
    expect(cpuWithin(samples, { from: 50, to: 150 })).toBeCloseTo(1.5)
  })

  it('does not go beyond the first and the last sample', () => {
    expect(cpuWithin(samples, { from: -100, to: 1_000 })).toBe(3)
    expect(cpuWithin([], { from: 0, to: 1 })).toBe(0)
  })

  it('of others is told in cores', () => {
    expect(othersWithin(samples, { from: 100, to: 200 })).toBeCloseTo(2)
    expect(othersWithin(samples, { from: 0, to: 100 })).toBe(0)
  })

  it('comes with the most memory of any sample', () => {
    expect(peakOf(samples)).toBe(50)
    expect(peakOf([])).toBe(0)
  })
})

describe('/proc', () => {
  it('has the times behind a name with spaces and brackets in it', () => {
    const stat = '42 (a (b) c) S 1 42 42 0 -1 4194304 1 0 0 0 250 50 7 7 20 0 11 0 999 1000000 2048 rest'
    expect(usageOf(stat)).toEqual({ cpu: 3, resident: 2048 * 4096 })
  })

  it('counts neither idle time nor waiting for disks as work, and guests only once', () => {
    expect(busyOf('cpu  100 10 200 9999 8888 30 40 50 60 70\ncpu0 1 1 1 1')).toBe(4.3)
  })

  it.skipIf(process.platform !== 'linux')('tells of this process what Node says of it', () => {
    const sampling = sampler(process.pid, null)
    sampling.stop()
    const [sample] = sampling.samples
    const { user, system } = process.cpuUsage()
    expect(Math.abs((sample?.cpu ?? 0) - (user + system) / 1e6)).toBeLessThan(0.5)
    expect((sample?.resident ?? 0) / process.memoryUsage.rss()).toBeGreaterThan(0.7)
    expect(busyOf(readFileSync('/proc/stat', 'utf8'))).toBeGreaterThan(sample?.cpu ?? Infinity)
  })

  it('has nothing to say of a process that is gone', () => {
    const sampling = sampler(2 ** 22 + 1, null)
    sampling.stop()
    expect(sampling.samples).toEqual([])
  })
})

describe('memory by records', () => {
  const series = Array.from({ length: 101 }, (_, at) => [at * 10, at * 1_000] as const)
  const at = (resident: (time: number) => number): Sample[] =>
    Array.from({ length: 120 }, (_, index) => {
      const time = index * 10 - 100
      return { at: time, cpu: 0, resident: resident(time), others: 0 }
    })

  it('leaves out what was before the first record and after the last', () => {
    const curve = memoryBy(
      at(() => 7),
      series,
    )
    expect(curve[0]).toEqual([0, 7])
    expect(curve.at(-1)?.[0]).toBeLessThanOrEqual(100_000)
  })

  it('has as many points as a chart needs, and no more', () => {
    expect(
      memoryBy(
        at(() => 7),
        series,
      ).length,
    ).toBeLessThanOrEqual(100)
  })

  it('does not grow if it is the same in the second quarter and in the last, whatever the first was', () => {
    expect(
      growthOf(
        memoryBy(
          at((time) => (time < 250 ? 1 : 100)),
          series,
        ),
      ),
    ).toBe(1)
  })

  it('grows if it rises with the records', () => {
    expect(
      growthOf(
        memoryBy(
          at((time) => time),
          series,
        ),
      ),
    ).toBeGreaterThan(2)
  })

  it('is not known from nothing', () => {
    expect(growthOf([])).toBeNull()
  })
})
