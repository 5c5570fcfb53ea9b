/** The bank, crashed at every step of the checkpoint protocol: two sources, a join, and balances behind a second key. */
import { type CrashEnds, crashTest } from 'rxweft/testing'
import { describe, expect, it } from 'vitest'
import { type Approval, bank, entriesOf, type Posting, type Transfer } from './bank.ts'
import { differences, misreckoned, movementsOf, same } from './judging.ts'

const transfers: readonly Transfer[] = [
  { id: 0, from: 1, to: 2, amount: 10, at: 0 },
  { id: 1, from: 2, to: 3, amount: 20, at: 100 },
  { id: 2, from: 3, to: 1, amount: 30, at: 200 },
  { id: 3, from: 1, to: 3, amount: 40, at: 300 },
  { id: 4, from: 2, to: 1, amount: 50, at: 400 },
]

/** That of 1 is a millisecond too late, and of 3 there is none. */
const approvals: readonly Approval[] = [
  { id: 4, at: 450 },
  { id: 2, at: 5_200 },
  { id: 0, at: 30 },
  { id: 1, at: 5_101 },
]
const approved = transfers.filter(({ id }) => [0, 2, 4].includes(id))

const job = ({ source, sink }: CrashEnds<{ transfers: Transfer; approvals: Approval }, { postings: Posting }>) =>
  bank(source('transfers'), source('approvals'), sink('postings'))

describe('a bank, crashed at every step,', { timeout: 240_000 }, () => {
  it.each([1, 2])(
    '%i times each, posts what is approved, once, and reckons from the right balance',
    async (crashes) => {
      await crashTest(job, {
        input: { transfers: { partitions: [transfers.slice(0, 3), transfers.slice(3)] }, approvals },
        crashes,
        // Which balance a posting tells depends on which partition is read first.
        invariant({ postings }) {
          expect(differences(movementsOf(approved.flatMap(entriesOf)), movementsOf(postings))).toEqual(same)
          expect(misreckoned(postings)).toEqual([])
        },
      })
    },
  )
})
