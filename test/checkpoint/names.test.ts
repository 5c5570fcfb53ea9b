import { describe, expect, test } from 'vitest'
import { jobName, ledgerKey, parseLedgerKey, parseSnapshotKey, snapshotKey } from '../../src/checkpoint/names.ts'
import { keySegments } from '../../src/checkpoint/storageKey.ts'
import { thrownBy } from './thrown.ts'

describe('job names', () => {
  test.each(['a', '7', 'uppercase', 'Orders.v2_eu-west', 'a'.repeat(100)])('%s is one', (name) => {
    expect(jobName(name)).toBe(name)
  })

  test.each(['', '.', '..', '.a', '-a', '_a', 'a..b', 'a/b', '../a', 'a b', 'a\n', 'a\u0000', 'ä', 'a'.repeat(101)])(
    '%j is none',
    (name) => {
      expect(thrownBy(() => jobName(name))).toMatchObject({ code: 'BAD_JOB_NAME', consequence: 'fatal' })
    },
  )

  test.each([undefined, null, 5, ['a']])('%j is none either', (name) => {
    expect(thrownBy(() => jobName(name as never)).code).toBe('BAD_JOB_NAME')
  })
})

describe('snapshot keys', () => {
  test('a snapshot key names job, shard, checkpoint and attempt', () => {
    const key = snapshotKey('uppercase', 3, 12, '0b5c-7')
    expect(key).toBe('uppercase/3/chk-000000000012-0b5c-7')
    expect(parseSnapshotKey(key)).toEqual({ job: 'uppercase', shard: 3, checkpoint: 12, attempt: '0b5c-7' })
  })

  test('they sort as their checkpoints do', () => {
    const keys = [2, 10, 9, 100].map((checkpoint) => snapshotKey('j', 0, checkpoint, 'a'))
    expect(keys.sort().map((key) => parseSnapshotKey(key)?.checkpoint)).toEqual([2, 9, 10, 100])
  })

  test.each([
    'uppercase/0/chk-12-a',
    'uppercase/0/chk-000000000012',
    'uppercase/0/ledger/00000000000000000001',
    'uppercase/x/chk-000000000012-a',
    'a/b/0/chk-000000000012-a',
    'uppercase/0/chk-000000000012-a/b',
  ])('%s is none', (key) => {
    expect(parseSnapshotKey(key)).toBeNull()
  })
})

test('a ledger key has twenty digits and comes back', () => {
  expect(ledgerKey('uppercase', 0, 34)).toBe('uppercase/0/ledger/00000000000000000034')
  expect(parseLedgerKey(ledgerKey('uppercase', 0, 34))).toBe(34)
  expect(parseLedgerKey('uppercase/0/ledger/34')).toBeNull()
})

test('the longest names still fit into storage keys', () => {
  const key = snapshotKey('a'.repeat(100), 999_999, 999_999_999_999, 'f'.repeat(36))
  expect(keySegments(key)).toHaveLength(3)
})
