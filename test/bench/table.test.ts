import { describe, expect, it } from 'vitest'
import type { Run } from '../../bench/report/results.ts'
import { barList, runLine, tables } from '../../bench/report/table.ts'

const run = (round: number, warm: number, more: Partial<Run> = {}): Run => {
  return { scenario: 'throughput', shape: '1 KiB', peer: 'kafkajs', round, figures: { warm, cpu: 1.239 }, ...more }
}

describe('a table', () => {
  it('has the median of a figure, with the smallest and the largest', () => {
    expect(tables({ runs: [run(1, 3_000), run(2, 1_000), run(3, 2_000.4)] })).toBe(
      [
        'throughput',
        '                runs         records/s, warm               CPU s/M',
        '1 KiB  kafkajs     3  2,000 (1,000 .. 3,000)  1.24 (1.24 .. 1.24)',
      ]
        .join('\n')
        .replace('               CPU s/M', '              CPU s/M'),
    )
  })

  it('counts runs that were not verified, and leaves out their figures', () => {
    const text = tables({ runs: [run(1, 1_000), run(2, 9_000, { problem: '1 missing' })] })
    expect(text).toContain('1 of 2 verified  ')
    expect(text).not.toContain('9,000')
  })

  it('has one for each scenario, with the columns that it has', () => {
    const text = tables({ runs: [run(1, 1), run(1, 1, { scenario: 'restart', figures: { restart: 700 } })] })
    const [first = '', second = ''] = text.split('\n\n')
    expect(first).not.toContain('restart ms')
    expect(second).toMatch(/^restart\n.*restart ms\n.*700$/)
  })
})

describe('a line for one run', () => {
  it('says what it was, and its figures', () => {
    expect(runLine(run(2, 1_000))).toMatch(/^throughput +1 KiB +kafkajs +2 {2}records\/s, warm 1,000 {2}CPU s\/M 1.24$/)
  })

  it('says instead what was wrong', () => {
    expect(runLine(run(2, 1_000, { problem: '1 doubled' }))).toMatch(/kafkajs +2 {2}FAILED: 1 doubled$/)
  })
})

describe('the list of bars', () => {
  it('says of each whether it is met, missed or not measured', () => {
    const list = barList([
      { name: 'fast', wanted: '>= 5x', measured: '6x', met: true },
      { name: 'small', wanted: '<= 250 MiB', measured: '300 MiB', met: false },
      { name: 'quick', wanted: '< 1 s', measured: null, met: null },
    ])
    expect(list.split('\n').map((line) => line.trim().split(/ {2,}/))).toEqual([
      ['bar', 'wanted', 'measured'],
      ['fast', '>= 5x', '6x', 'met'],
      ['small', '<= 250 MiB', '300 MiB', 'MISSED'],
      ['quick', '< 1 s', '-', 'not measured'],
    ])
  })
})
