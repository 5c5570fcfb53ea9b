import { expect, test } from 'vitest'
import { failuresIn, show, sum, tallyOf } from '../../../tools/support/tally.ts'

const file = (status: string, ...tests: string[]) => ({
  name: '/repo/test/some.test.ts',
  status,
  assertionResults: tests.map((one) => ({ status: one, fullName: `that ${one}` })),
})

test('tests are counted by how they ended', () => {
  const report = { testResults: [file('failed', 'passed', 'failed', 'skipped'), file('passed', 'passed', 'todo')] }
  expect(tallyOf(report, 1)).toEqual({ passed: 2, failed: 1, skipped: 2 })
})

test('a file that does not load, or whose hook threw, is one failure', () => {
  const report = { testResults: [file('failed'), file('failed', 'skipped', 'skipped'), file('passed', 'passed')] }
  expect(tallyOf(report, 1)).toEqual({ passed: 1, failed: 2, skipped: 2 })
})

test('a run that ended badly is a failure even if every test passed', () => {
  expect(tallyOf({ testResults: [file('passed', 'passed')] }, 1)).toEqual({ passed: 1, failed: 1, skipped: 0 })
})

test('no report is a failure', () => {
  expect(tallyOf(null, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 })
})

test('failures have the names of their files and tests', () => {
  const report = { testResults: [file('failed', 'passed', 'failed'), file('failed'), file('passed', 'passed')] }
  expect(failuresIn(report, '/repo')).toEqual(['test/some.test.ts: that failed', 'test/some.test.ts'])
})

test('the last line has the sums', () => {
  const all = sum([
    { passed: 1, failed: 2, skipped: 3 },
    { passed: 10, failed: 20, skipped: 30 },
  ])
  expect(show(all)).toBe('11 passed, 22 failed, 33 skipped')
})
