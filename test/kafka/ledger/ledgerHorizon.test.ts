import { describe, expect, it } from 'vitest'
import { ledgerHorizon } from '../../../src/kafka/ledger/ledgerHorizon.ts'

describe('the horizon of a ledger', () => {
  it('knows nothing at first', () => {
    const horizon = ledgerHorizon()
    expect([horizon.knows('ledger'), horizon.of('id', 0)]).toEqual([false, 0])
  })

  it('is the farthest end that was reached, in whatever order ends are reported', () => {
    const horizon = ledgerHorizon()
    for (const end of [4, 9, 7]) horizon.reached('ledger', 'id', 0, end)
    expect([horizon.knows('ledger'), horizon.of('id', 0)]).toEqual([true, 9])
  })

  it('is one of each partition, and of each topic that has had the name', () => {
    const horizon = ledgerHorizon()
    horizon.reached('ledger', 'id', 0, 9)
    horizon.reached('ledger', 'another', 1, 3)
    expect([horizon.of('id', 1), horizon.of('another', 0), horizon.of('another', 1)]).toEqual([0, 0, 3])
  })
})
