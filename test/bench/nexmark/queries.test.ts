/** Each query against a plain computation of the same, with a restart in the middle. */
import { describe, expect, it } from 'vitest'
import { canonical, difference } from '../../../bench/nexmark/compare.ts'
import { nexmark } from '../../../bench/nexmark/generator.ts'
import type { Event } from '../../../bench/nexmark/model.ts'
import { keysOf, queries } from '../../../bench/nexmark/queries.ts'
import { nexmarkJob, type Row } from '../../../bench/nexmark/query.ts'
import { memorySink, memorySource } from '../../../src/index.ts'
import { testJob } from '../../../src/testing/index.ts'
import { plain, tablesOf } from './plain.ts'

/** 40 s of event time around midnight; few enough for the plain computations, which look at all for each. */
const events = [...nexmark({ seed: 7, events: 4_000, start: Date.UTC(2024, 0, 2) - 17_003, rate: 100 })]
const tables = tablesOf(events)

async function outputOf(name: string, input: readonly Event[], restartAt = -1): Promise<readonly Row[]> {
  const source = memorySource<Event>()
  const sink = memorySink<Row>()
  const test = testJob(nexmarkJob(name, queries[name] as (typeof queries)[string], source, sink))
  for (const [at, event] of input.entries()) {
    if (at === restartAt - 100) await test.checkpoint()
    if (at === restartAt) await test.restore()
    test.source(source).push(event)
  }
  await test.end()
  return test.sink(sink).committed
}

describe('the queries of Nexmark', () => {
  it.each(Object.keys(plain))('%s has the rows of the plain computation, over a restart too', async (name) => {
    const rows = await outputOf(name, events, 2_000)
    const expected = canonical((plain[name] as (typeof plain)[string])(tables), keysOf[name])
    expect(expected.length).toBeGreaterThan(1)
    expect(difference(expected, canonical(rows, keysOf[name]))).toEqual({
      rows: expected.length,
      missing: [],
      extra: [],
    })
  })

  it('q12 counts each bid once, in windows of the clock', async () => {
    const rows = await outputOf('q12', events)
    const total = rows.reduce((sum, { bid_count }) => sum + Number(bid_count), 0)
    expect(total).toBe(tables.bids.length)
    expect(rows.every(({ starttime, endtime }) => Number(endtime) - Number(starttime) === 10_000)).toBe(true)
  })

  it('all have a plain computation, but for q12, whose rows the clock decides', () => {
    expect(Object.keys(queries).filter((name) => !(name in plain))).toEqual(['q12'])
  })
})

describe('the comparison of outputs', () => {
  const [a, b] = [
    { key: 1, n: 1 },
    { key: 1, n: 2 },
  ]

  it('counts rows that come several times, where rows are only added', () => {
    const [once, twice] = [canonical([a, b], undefined), canonical([a, b, b], undefined)]
    expect(difference(once, twice).extra).toHaveLength(1)
    expect(difference(twice, once).missing).toHaveLength(1)
  })

  it('looks at the last row of each key, where rows are updated', () => {
    expect(canonical([a, b], ['key'])).toEqual(canonical([b], ['key']))
    expect(difference(canonical([b], ['key']), canonical([b, a], ['key'])).extra).toHaveLength(1)
  })
})
