import { describe, expect, it } from 'vitest'
import type { Fault } from '../faults/fault.ts'
import type { Injection } from './playRound.ts'
import { isFine, rowOf, table } from './table.ts'

const killed: Fault = { name: 'killed', inject: async () => undefined }
const deleted: Fault = { ...killed, name: 'snapshot deleted', mustStop: 'SNAPSHOT_MISSING' }

function injection(more: Partial<Injection> = {}): Injection {
  return { fault: killed, recovery: 1_234, lost: 0, duplicated: 0, reordered: 0, ...more }
}

describe('a row of the chaos table', () => {
  it('sums up what a fault has cost, and shows the worst recovery', () => {
    const row = rowOf(
      killed,
      [injection(), injection({ lost: 2, recovery: 56_700 }), injection({ fault: deleted })],
      null,
    )
    expect(row).toMatchObject({ times: 2, lost: 2, duplicated: 0, worst: 56_700 })
    expect(table([row]).at(-1)).toBe('killed      2     2           0          0          56.7 s')
  })

  it.each([
    ['a line was lost', [injection({ lost: 1 })]],
    ['a line was doubled', [injection({ duplicated: 1 })]],
    ['a line was out of order', [injection({ reordered: 1 })]],
    ['the job did not behave as it must', [injection(), injection({ recovery: null })]],
    ['it was never injected', []],
  ])('is not fine where %s', (_, injections) => {
    expect(isFine(rowOf(killed, injections, null))).toBe(false)
  })

  it('is fine where all are zeros, and where the fault is impossible here, which it shows', () => {
    expect(isFine(rowOf(killed, [injection()], null))).toBe(true)
    const skipped = rowOf(killed, [], 'not root')
    expect(isFine(skipped)).toBe(true)
    expect(table([skipped]).at(-1)).toContain('SKIPPED: not root')
  })

  it('says that the job had to stop', () => {
    expect(table([rowOf(deleted, [injection({ fault: deleted })], null)]).at(-1)).toContain('stopped, as it must')
  })
})
