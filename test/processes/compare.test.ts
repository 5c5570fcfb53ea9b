import { describe, expect, it } from 'vitest'
import { compare, type Differences, isSame, type Output } from './compare.ts'

const quiet: Output = {
  counts: ['0:1 1 n0 old', '0:1 2 n1 new', '1:1 1 n2 old'],
  windows: ['w1 0 n0,n1', 'w1 10 n2'],
  late: ['w1 n3', 'w1 n4'],
  applied: ['r0 old'],
}
/** Of two shards, each of which has the rule. */
const same: Output = { ...quiet, applied: ['r0 old', 'r0 old'] }
const none: Differences = { lost: [], doubled: [], reordered: [] }
const found = (changed: Partial<Output>) => compare({ ...same, ...changed }, quiet, 2)

describe('the output of a disturbed run', () => {
  it('is that of the undisturbed one, but for the order between keys, and of late records', () => {
    const counts = ['1:1 1 n2 old', '0:1 1 n0 old', '0:1 2 n1 new']
    expect(found({ counts, late: ['w1 n4', 'w1 n3'] })).toEqual(none)
    expect(isSame(none)).toBe(true)
  })

  it.each<[string, Partial<Output>, Partial<Differences>]>([
    ['a count is missing', { counts: quiet.counts.slice(1) }, { lost: ['counts: 0:1 1 n0 old'] }],
    ['a count is there twice', { counts: [...quiet.counts, '1:1 1 n2 old'] }, { doubled: ['counts: 1:1 1 n2 old'] }],
    [
      'counts of a key change places',
      { counts: ['0:1 2 n1 new', '0:1 1 n0 old', '1:1 1 n2 old'] },
      { reordered: ['counts: 0:1'] },
    ],
    ['windows of a word change places', { windows: [...quiet.windows].reverse() }, { reordered: ['windows: w1'] }],
    ['a record is late that was not', { late: [...quiet.late, 'w1 n2'] }, { doubled: ['late: w1 n2'] }],
    ['a record is in its window that was late', { late: ['w1 n3'] }, { lost: ['late: w1 n4'] }],
    [
      'a window has other records',
      { windows: ['w1 0 n0', 'w1 10 n2'] },
      { lost: ['windows: w1 0 n0,n1'], doubled: ['windows: w1 0 n0'] },
    ],
    ['a shard has no rule', { applied: ['r0 old'] }, { lost: ['applied: r0 old'] }],
    ['a shard has a rule twice', { applied: Array(3).fill('r0 old') }, { doubled: ['applied: r0 old'] }],
  ])('differs where %s', (_, changed, difference) => {
    expect(found(changed)).toEqual({ ...none, ...difference })
    expect(isSame(found(changed))).toBe(false)
  })
})
