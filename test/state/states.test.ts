import { describe, expect, it } from 'vitest'
import type { EntryBlock } from '../../src/element.ts'
import { json } from '../../src/serde/json.ts'
import { type AllowDroppedState, states } from '../../src/state/states.ts'
import { thrownBy } from '../../tools/support/thrown.ts'

const spec = { serde: json<unknown>() }

function blockOf(operator: string): EntryBlock {
  const store = states().open(operator)
  store.values('state', spec).set('key', operator)
  const [block] = [...(store.snapshot(1, null).entries?.blocks() ?? [])]
  return block as EntryBlock
}

describe('the states of an attempt', () => {
  it('are loaded by operator', () => {
    const all = states()
    const tables = ['a', 'b'].map((operator) => all.open(operator).values<string, unknown>('state', spec))
    for (const operator of ['b', 'a']) all.load(operator, blockOf(operator))
    expect(tables.map((table) => table.get('key'))).toEqual(['a', 'b'])
    expect([...all.operators]).toEqual(['a', 'b'])
  })

  it('are of one operator each', () => {
    const all = states()
    all.open('count')
    expect(thrownBy(() => all.open('count'))).toMatchObject({
      code: 'DUPLICATE_ID',
      consequence: 'fatal',
      where: { operator: 'count' },
      hint: expect.stringContaining('share()'),
    })
  })

  it('that nobody claims are an error', () => {
    const all = states()
    all.open('here')
    expect(all.claims('here')).toBe(true)
    expect(thrownBy(() => all.claims('gone'))).toMatchObject({
      code: 'STATE_UNCLAIMED',
      consequence: 'fatal',
      where: { operator: 'gone' },
      hint: expect.stringContaining("allowDropped: { state: ['gone'] }"),
    })
  })

  it.each<[AllowDroppedState]>([[true], [['gone']]])('that nobody claims may be dropped: %j', (allowed) => {
    const all = states(allowed)
    expect(all.claims('gone')).toBe(false)
    all.load('gone', blockOf('gone'))
    all.open('gone')
    // Its table is gone too, and may be.
    all.load('gone', blockOf('gone'))
  })

  it('of others than those that may be dropped are needed all the same', () => {
    expect(thrownBy(() => states(['gone']).claims('other'))).toMatchObject({ code: 'STATE_UNCLAIMED' })
  })

  it('go on from where they were: what was restored is needed until it is written again, of a new operator nothing is', async () => {
    const all = states()
    const old = all.open('old')
    const fresh = all.open('fresh')
    for (const store of [old, fresh]) store.values('state', spec).set('key', 1)
    old.snapshot(1, null)
    fresh.snapshot(1, null)
    await all.loaded(7, new Map([['old', 3]]))
    const since = [old, fresh].map((store) => store.snapshot(8, null).entries?.since)
    expect(since).toEqual([3, 8])
  })
})
