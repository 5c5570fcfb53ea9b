import { describe, expect, it } from 'vitest'
import { numberedLine, type OutputLine } from '../../examples/demo/ground.ts'
import { count, show } from './count.ts'

function line(number: number): OutputLine {
  const { partition, text } = numberedLine(number)
  return { partition, text: text.toUpperCase() }
}

const lines = (...numbers: number[]) => numbers.map(line)

describe('the count of a fault test', () => {
  it('finds nothing if every line is there once, in the order of its partition', () => {
    expect(show(count(lines(2, 1, 3, 4, 5), 5))).toBe('5 in, 5 out, 0 lost, 0 duplicated, 0 reordered')
  })

  it('names the lines that are lost, doubled and out of order', () => {
    expect(count(lines(1, 9, 5, 2, 2), 9)).toMatchObject({ lost: [3, 4, 6, 7, 8], duplicated: [2], reordered: [5] })
  })

  it('does not miss lines that were gone before they could be read, and takes them for foreign if they come', () => {
    expect(show(count(lines(1, 3), 3, new Set([2])))).toBe('2 in, 2 out, 0 lost, 0 duplicated, 0 reordered')
    expect(count(lines(1, 2, 3), 3, new Set([2])).foreign).toHaveLength(1)
  })

  it('takes for foreign what was not fed, what is in another partition, and what was changed', () => {
    const others = [...lines(7), { partition: 3, text: line(1).text }, { partition: 1, text: 'line 000001' }]
    expect(count(others, 3)).toMatchObject({ lost: [1, 2, 3], foreign: others.map(({ text }) => text) })
  })
})
