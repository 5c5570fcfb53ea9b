import { crashTest } from 'rxweft/testing'
import { describe, expect, it } from 'vitest'
import { once } from '../../examples/dedupe.ts'
import { play } from './play.ts'
import { runExample } from './runExample.ts'

describe('dedupe', { timeout: 60_000 }, () => {
  it('lets an event of a sender pass once', async () => {
    const values = {
      a: { id: '1', sender: 'shop' },
      b: { id: '2', sender: 'shop' },
      c: { id: '1', sender: 'market' },
    }
    const { unique } = await play(
      ({ source, sink }) => once(source('events'), sink('unique')),
      { events: 'R-a-b-a-1-a-c-b-' },
      values,
    )
    expect(unique).toBe('--a-b---1---c---')
  })

  it('lets it pass once, wherever the job crashes', async () => {
    const events = ['1', '2', '1', '3', '2', '3'].map((id) => ({ id, sender: 'shop' }))
    await crashTest(({ source, sink }) => once(source('events'), sink('unique')), { input: { events } })
  })

  it('runs as an example, and forgets after a day', async () => {
    expect(await runExample('dedupe')).toEqual({
      unique: [
        { id: 'order 1', sender: 'shop' },
        { id: 'order 2', sender: 'shop' },
        { id: 'order 1', sender: 'market' },
        { id: 'order 2', sender: 'shop' },
      ],
    })
  })
})
