import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  jobName,
  ledgerKey,
  ledgerRecordKey,
  ledgerTopicName,
  parseLedgerKey,
  parseSnapshotKey,
  planId,
  planKey,
  planTopicName,
  repartitionTopicName,
  snapshotKey,
  transactionalId,
} from '../../src/checkpoint/names.ts'
import { keySegments } from '../../src/checkpoint/storageKey.ts'
import { thrownBy } from '../../tools/support/thrown.ts'

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

describe('names that leave the process', () => {
  const character = fc.constantFrom('a', 'B', '7', '.', '_', '-', '-')
  const start = fc.constantFrom('a', 'B', '7')
  const part = fc
    .tuple(start, fc.array(character, { maxLength: 6 }))
    .map(([first, rest]) => first + rest.join(''))
    .filter((name) => !name.includes('..'))
  /** A prefix may begin, and end, with anything that a topic may. */
  const prefix = fc.array(character, { minLength: 1, maxLength: 6 }).map((letters) => letters.join(''))
  const shard = fc.nat(11)
  const identity = fc.record({ prefix, job: part, name: part, shard })

  /** Each kind of name, and the parts that it is derived from. */
  const kinds: Record<
    string,
    (of: { prefix: string; job: string; name: string; shard: number }) => [string, unknown[]]
  > = {
    'a ledger topic': ({ prefix, job }) => [ledgerTopicName(prefix, job), [prefix, job]],
    'a key in the ledger topic': ({ prefix, job, shard }) => [
      ledgerRecordKey(prefix, job, shard),
      [prefix, job, shard],
    ],
    'a transactional id': ({ prefix, job, shard }) => [
      transactionalId(prefix, job, shard, shard % 2),
      [prefix, job, shard],
    ],
    'a repartition topic': ({ prefix, job, name }) => [repartitionTopicName(prefix, job, name), [prefix, job, name]],
    'a repartition topic of an embedded log': ({ job, name }) => [repartitionTopicName(null, job, name), [job, name]],
    'a snapshot key': ({ job, shard, name }) => [snapshotKey(job, shard, shard * 7, name), [job, shard, name]],
    'a plan topic': ({ prefix, job }) => [planTopicName(prefix, job), [prefix, job]],
    'a plan id': ({ prefix, job }) => [planId(prefix, job), [prefix, job]],
    'a plan key': ({ job, shard }) => [planKey(job, shard), [job, shard]],
    'a ledger key': ({ job, shard }) => [ledgerKey(job, shard, shard * 7), [job, shard]],
  }

  test.each(Object.entries(kinds))('%s is never that of two', (_, derive) => {
    // The same few characters, in other places: what a separator could be taken for.
    const regrouped = fc.tuple(identity, fc.nat(100), fc.nat(100)).map(([one, left, right]) => {
      const all = `${one.prefix}-${one.job}-${one.name}`
      const [first, second] = [left % all.length, right % all.length].sort((a, b) => a - b) as [number, number]
      const [job, name] = [all.slice(first, second), all.slice(second)].map((text) => text.replace(/^-/, ''))
      return [one, { prefix: all.slice(0, first).replace(/-$/, ''), job, name, shard: one.shard }] as const
    })
    const valid = (name: string | undefined): boolean => /^[A-Za-z0-9][\w.-]*$/.test(name ?? '')
    fc.assert(
      fc.property(regrouped, ([one, other]) => {
        fc.pre(valid(other.job) && valid(other.name) && other.prefix !== '')
        const [[name, from], [otherName, otherFrom]] = [derive(one), derive(other as typeof one)]
        expect(name === otherName).toBe(JSON.stringify(from) === JSON.stringify(otherFrom))
      }),
      { numRuns: 3_000 },
    )
    fc.assert(
      fc.property(identity, identity, (one, other) => {
        const [[name, from], [otherName, otherFrom]] = [derive(one), derive(other)]
        expect(name === otherName).toBe(JSON.stringify(from) === JSON.stringify(otherFrom))
      }),
      { numRuns: 3_000 },
    )
  })

  test('of one kind are never of another: topics by their ends, ids by their parts', () => {
    fc.assert(
      fc.property(identity, identity, (one, other) => {
        const topics = [planTopicName(one.prefix, one.job), ledgerTopicName(other.prefix, other.job)]
        const repartition = repartitionTopicName(other.prefix, other.job, other.name)
        expect(new Set([...topics, repartition]).size).toBe(3)
        expect(planId(one.prefix, one.job)).not.toBe(transactionalId(other.prefix, other.job, other.shard, 0))
      }),
    )
  })

  test('two jobs whose names, joined, were the same have topics of their own', () => {
    expect(repartitionTopicName('rxweft', 'orders', 'by-user-count')).toBe('rxweft-orders-by-user-count-repartition')
    expect(repartitionTopicName('rxweft', 'orders-by-user', 'count')).toBe('rxweft-orders--by--user-count-repartition')
    expect(ledgerTopicName('rxweft', 'my-job')).toBe('rxweft-my-job-ledger')
    expect(ledgerTopicName('rxweft-my', 'job')).toBe('rxweft--my-job-ledger')
  })

  test('a topic name that Kafka would refuse for its length is refused with the reason', () => {
    expect(thrownBy(() => repartitionTopicName('p'.repeat(100), 'j'.repeat(100), 'n'.repeat(100)))).toMatchObject({
      code: 'NAME_TOO_LONG',
      consequence: 'fatal',
    })
    expect(repartitionTopicName('rxweft', 'j'.repeat(100), 'n'.repeat(100)).length).toBeLessThanOrEqual(249)
  })
})
