/** The bank, crashed at every step of the checkpoint protocol: two sources, a join, and balances behind a second key. */
import { crashTest } from 'rxweft/testing'
import { describe, expect, it } from 'vitest'
import { type Approval, bank, entriesOf, opening, type Posting, type Transfer } from './bank.ts'

const transfers: readonly Transfer[] = [
  { id: 0, from: 1, to: 2, amount: 10, at: 0 },
  { id: 1, from: 2, to: 3, amount: 20, at: 100 },
  { id: 2, from: 3, to: 1, amount: 30, at: 200 },
  { id: 3, from: 1, to: 3, amount: 40, at: 300 },
  { id: 4, from: 2, to: 1, amount: 50, at: 400 },
]

/** Of 1 none in time, of 3 none at all. */
const approvals: readonly Approval[] = [
  { id: 4, at: 450 },
  { id: 2, at: 5_200 },
  { id: 0, at: 30 },
  { id: 1, at: 5_101 },
]
const approved = transfers.filter(({ id }) => [0, 2, 4].includes(id))

const movement = ({ transfer, account, amount }: Omit<Posting, 'balance'>) => `${transfer}: ${account} ${amount}`

describe('a bank, crashed at every step,', { timeout: 240_000 }, () => {
  it.each([1, 2])(
    '%i times each, posts what is approved, once, and reckons on from the right balance',
    async (crashes) => {
      await crashTest<{ transfers: Transfer; approvals: Approval }, { postings: Posting }>(
        ({ source, sink }) => bank(source('transfers'), source('approvals'), sink('postings')),
        {
          input: { transfers: { partitions: [transfers.slice(0, 3), transfers.slice(3)] }, approvals },
          crashes,
          invariant({ postings }) {
            expect(postings.map(movement).sort()).toEqual(approved.flatMap(entriesOf).map(movement).sort())
            const balances = new Map<number, number>()
            for (const { account, amount, balance } of postings) {
              expect(balance).toBe((balances.get(account) ?? opening) + amount)
              balances.set(account, balance)
            }
          },
        },
      )
    },
  )
})
