import { memorySink, memorySource } from 'rxweft'
import { crashTest, testJob } from 'rxweft/testing'
import { expect, it } from 'vitest'
import { type Order, type Total, totals } from '../src/totals.ts'

const given: readonly Order[] = [
  { customer: 'ann', cents: 500 },
  { customer: 'bob', cents: 250 },
  { customer: 'ann', cents: 0 },
  { customer: 'ann', cents: 100 },
]

it('adds up the orders of each customer', async () => {
  const [orders, sums] = [memorySource<Order>([]), memorySink<Total>()]
  const test = testJob(totals(orders, sums))
  for (const order of given) test.source(orders).push(order)
  expect(test.sink(sums).values).toEqual([
    { customer: 'ann', cents: 500 },
    { customer: 'bob', cents: 250 },
    { customer: 'ann', cents: 600 },
  ])

  // A crash: what came since the checkpoint is read again, and nothing is counted twice.
  await test.checkpoint()
  test.source(orders).push({ customer: 'bob', cents: 50 })
  await test.restore()
  expect(test.state<number>('sums').get('bob')).toBe(300)
  await test.end()
})

// Some hundred runs: vitest's 5 s may be too short on a busy machine.
it('loses and doubles nothing, wherever it is killed', { timeout: 60_000 }, async () => {
  await crashTest(({ source, sink }) => totals(source('orders'), sink('totals')), { input: { orders: given } })
})
