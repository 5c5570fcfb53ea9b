import { crashTest } from 'rxweft/testing'
import { describe, expect, it } from 'vitest'
import { fraudRules } from '../../examples/fraudRules.ts'
import { play } from './play.ts'
import { runExample } from './runExample.ts'

describe('fraud rules', { timeout: 60_000 }, () => {
  const rule = { name: 'much', limit: 1_000, within: 6 }
  const rules = { topic: 'rules', partition: 0 }
  const values = {
    r: rule,
    // From long before.
    s: { kind: 'record', value: rule, timestamp: 1, key: null, headers: [], split: rules, offset: 0 },
    p: { card: 'gold', amount: 600 },
    q: { card: 'blue', amount: 600 },
    A: { rule: 'much', card: 'gold', paid: 1_200 },
  }
  const played = (payments: string, rules: string) =>
    play(
      ({ source, sink }) => fraudRules(source('payments'), source('rules'), sink('alerts')),
      { payments, rules },
      values,
    )

  it('tell of a card with which too much is paid within a time', async () => {
    expect(await played('R-p-q-1p---|', 'R-r--------|')).toEqual({ alerts: '------1----A' })
    expect(await played('R-p-q-1---p|', 'R-r--------|')).toEqual({ alerts: '------1-----' })
  })

  it('hold for what is paid after they were made', async () => {
    expect(await played('R-p-p-1----|', 'R---r------|')).toEqual({ alerts: '------1----A' })
    expect(await played('R-p-p-1----|', 'R----r-----|')).toEqual({ alerts: '------1-----' })
  })

  it('judge when both topics have come to that time, whichever is read first', async () => {
    expect(await played('R-pp|--1----', 'R--------s-|')).toEqual({ alerts: '-------1---A' })
  })

  it('alert once, wherever the job crashes', async () => {
    const timestamp = ({ at }: { readonly at: number }): number => at
    const payments = [600, 600, 100, 700].map((amount, at) => ({ card: 'gold', amount, at: at * 4 }))
    await crashTest(({ source, sink }) => fraudRules(source('payments'), source('rules'), sink('alerts')), {
      input: {
        payments: { partitions: [payments], timestamp },
        rules: { partitions: [[{ ...rule, at: 1 }]], timestamp },
      },
    })
  })

  it('run as an example', async () => {
    expect(await runExample('fraudRules')).toEqual({
      alerts: [
        { rule: 'much in ten minutes', card: 'gold', paid: 1_100 },
        { rule: 'much at once', card: 'gold', paid: 600 },
      ],
    })
  })
})
