import { crashTest } from 'rxweft/testing'
import { describe, expect, it } from 'vitest'
import { enrichment } from '../../examples/enrichment.ts'
import { play } from './play.ts'
import { runExample } from './runExample.ts'

describe('enrichment', { timeout: 60_000 }, () => {
  const values = {
    a: { customer: 1, item: 'book' },
    b: { customer: 2, item: 'desk' },
    A: { customer: 1, item: 'book', name: 'Ada' },
    B: { customer: 2, item: 'desk', name: 'Bob' },
  }

  it('continues in the order of the orders', async () => {
    const { named } = await play(
      ({ source, sink, clock }) =>
        // Ada takes five ms, and Bob one.
        enrichment(source('orders'), sink('named'), async (customer) => {
          await clock.sleep(customer === 1 ? 5 : 1)
          return customer === 1 ? 'Ada' : 'Bob'
        }),
      { orders: 'R-a-b-------1-b--' },
      values,
    )
    expect(named).toBe('-------(AB)-1--B-')
  })

  it('tries again what has failed, without another order overtaking it', async () => {
    let calls = 0
    const { named } = await play(
      ({ source, sink }) =>
        enrichment(source('orders'), sink('named'), async (customer) => {
          if (customer === 1 && ++calls < 3) throw new Error('busy')
          return customer === 1 ? 'Ada' : 'Bob'
        }),
      { orders: `R-ab${'-'.repeat(700)}` },
      values,
    )
    expect(named).toMatch(/^-+\(AB\)-+$/)
    expect(calls).toBe(3)
  })

  it('emits each order once, wherever the job crashes', async () => {
    const orders = [5, 1, 9, 2].map((customer) => ({ customer, item: 'book' }))
    await crashTest(
      ({ source, sink, clock }) =>
        enrichment(source('orders'), sink('named'), async (customer) => {
          await new Promise<void>((resolve) => clock.setTimeout(resolve, customer))
          return `customer ${customer}`
        }),
      { input: { orders } },
    )
  })

  it('runs as an example', async () => {
    const { 'named-orders': named } = await runExample('enrichment')
    expect(named).toEqual([
      { customer: 0, item: 'book', name: 'Ada' },
      { customer: 2, item: 'lamp', name: 'Barbara' },
      { customer: 1, item: 'desk', name: 'Grace' },
      { customer: 0, item: 'pen', name: 'Ada' },
    ])
  })
})
