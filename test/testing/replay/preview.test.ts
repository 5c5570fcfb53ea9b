import { describe, expect, it } from 'vitest'
import { check } from '../../../src/testing/replay/check.ts'
import { preview } from '../../../src/testing/replay/preview.ts'
import { first, orders, production, second } from './production.ts'

async function twice() {
  const made = await production()
  await made.processes('before', first)
  await made.processes('after', second)
  return { ...made, range: { storage: made.storage, against: made.job, from: 'before', to: 'after' } }
}

describe('preview', () => {
  it('finds no difference between a version and itself', async () => {
    const { job, range } = await twice()
    const found = await preview(job, range)
    expect(found).toMatchObject({ differs: false, records: 4, refused: 0, late: { before: 0, after: 0 } })
    expect(found.sinks.find(({ sink }) => sink.endsWith('totals'))).toMatchObject({
      same: 3,
      changed: 0,
      missing: 0,
      added: 0,
    })
    expect(found.state).toContainEqual({ operator: 'sums', before: 3, after: 3 })
  })

  it('shows the keys for which a planted bug changes the output, before it is run', async () => {
    const { log, range } = await twice()
    const wrong = orders(log, { worth: ({ cents, customer }) => (customer === 'ann' ? 2 * cents : cents) })
    const { differs, sinks } = await preview(wrong, range)
    expect(differs).toBe(true)
    expect(sinks.find(({ sink }) => sink.endsWith('totals'))).toMatchObject({ same: 2, changed: 1, keys: ['ann'] })
  })

  it('follows a renamed operator to its state', async () => {
    const { log, range } = await twice()
    const renamed = orders(log, { sums: 'totals', options: { renamedFrom: { totals: 'sums' } } })
    const found = await preview(renamed, range)
    expect(found.differs).toBe(false)
    expect(found.state).toContainEqual({ operator: 'totals', before: 3, after: 3 })
  })

  it('refuses a range without input, such as one whose savepoints are swapped', async () => {
    const { job, range } = await twice()
    for (const empty of [
      { from: 'after', to: 'before' },
      { from: 'after', to: 'after' },
    ])
      await expect(preview(job, { ...range, ...empty })).rejects.toMatchObject({ code: 'NOTHING_BETWEEN' })
  })

  it('writes nothing', async () => {
    const { log, job, range } = await twice()
    const all = () =>
      ['totals', 'seconds', 'orders'].flatMap((topic) => [0, 1].flatMap((at) => [...log.read(topic, at)]))
    const before = all().length
    await preview(job, range)
    expect(all()).toHaveLength(before)
  })
})

describe('check', () => {
  it('decodes all state of production with a new version', async () => {
    const { job, storage } = await twice()
    const { problems, state, begins } = await check(job, { storage, against: 'after' })
    expect(problems).toEqual([])
    expect(state).toContainEqual({ operator: 'sums', keys: 3 })
    expect(begins).toEqual([])
  })

  it('names state that the new version has lost, and state that begins anew', async () => {
    const { log, storage } = await twice()
    const lost = await check(orders(log, { sums: 'other' }), { storage, against: 'after' })
    expect(lost.problems).toEqual([expect.stringContaining('STATE_UNCLAIMED')])
    const options = { allowDropped: { state: ['sums'] } }
    const dropped = await check(orders(log, { sums: 'other', options }), { storage, against: 'after' })
    expect(dropped).toMatchObject({ problems: [], begins: ['other'] })
  })
})
