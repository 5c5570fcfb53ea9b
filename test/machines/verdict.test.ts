import { describe, expect, it } from 'vitest'
import { isClean, lastLine, table } from './table.ts'
import { type Counted, verdict } from './verdict.ts'

const lines = ['Alpha beta', 'alpha, alpha']

function counts(...written: readonly string[]): readonly Counted[] {
  return written.map((one) => {
    const [word = '', count, partition] = one.split(' ')
    return { word, count: Number(count), partition: Number(partition ?? 0) }
  })
}

const whole = counts('alpha 1', 'beta 1 1', 'alpha 2', 'alpha 3')

describe('the verdict about a word count', () => {
  it('finds nothing where each word has each count once, in order', () => {
    expect(verdict(lines, whole)).toEqual({ fed: 4, counted: 4, lost: 0, doubled: 0, reordered: 0 })
  })

  it.each([
    ['a count that is missing', counts('alpha 1', 'beta 1', 'alpha 3'), { lost: 1 }],
    ['a word that is missing', counts('alpha 1', 'alpha 2', 'alpha 3'), { lost: 1 }],
    ['a count that came twice', counts('alpha 1', 'beta 1', 'alpha 2', 'alpha 2', 'alpha 3'), { doubled: 1 }],
    ['a count too many', [...whole, ...counts('alpha 4')], { doubled: 1 }],
    ['a word that never went in', [...whole, ...counts('gamma 1')], { doubled: 1 }],
    ['another order', counts('alpha 2', 'alpha 1', 'beta 1', 'alpha 3'), { reordered: 1 }],
    ['another partition', counts('alpha 1', 'alpha 2 1', 'beta 1', 'alpha 3'), { reordered: 1 }],
  ] as const)('finds %s', (_, output, found) => {
    const wrong = verdict(lines, output)
    expect(wrong).toMatchObject({ lost: 0, doubled: 0, reordered: 0, ...found })
    expect(isClean(wrong, [])).toBe(false)
  })

  it('ends in one line, and a fault that nobody recovered from is not clean', () => {
    const fine = verdict(lines, whole)
    const rows = [
      { fault: 'process killed', pauses: [300, 700], silence: 712.4, recovered: 900 },
      { fault: 'broker killed', pauses: [], silence: null, recovered: 2_000 },
    ]
    expect(lastLine(fine, [300, 700])).toBe('4 in, 4 counted, 0 lost, 0 doubled, 2 hand-overs, worst pause 700 ms')
    expect(table(rows).join('\n')).toBe(
      `
fault           hand-overs     p50     p99   worst  longest silence  all committed
process killed           2  300 ms  700 ms  700 ms           712 ms         900 ms
broker killed            0       -       -       -                -        2000 ms`.trim(),
    )
    expect(isClean(fine, rows)).toBe(true)
    expect(isClean(fine, [...rows, { fault: 'x', pauses: [], silence: null, recovered: null }])).toBe(false)
  })
})
