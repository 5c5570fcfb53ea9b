import { describe, expect, it } from 'vitest'
import { invoicesByCount, invoicesByOffset, orders } from '../../examples/crashTest.ts'
import { crashTest } from '../../src/testing/index.ts'

describe('examples/crashTest.ts', () => {
  it('has a bug that the crash test finds', async () => {
    const test = crashTest(({ source, sink }) => invoicesByCount(source('orders'), sink('invoices')), {
      input: { orders },
    })
    await expect(test).rejects.toMatchObject({ name: 'CrashTestError' })
  })

  it('mends it', async () => {
    await crashTest(({ source, sink }) => invoicesByOffset(source('orders'), sink('invoices')), { input: { orders } })
  })
})
