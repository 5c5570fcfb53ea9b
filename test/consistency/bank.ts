/**
 * A bank: transfers between accounts come by one topic, and who may make them by another. Each that is approved within five seconds becomes two
 * postings, which take from one account what they give to the other; every posting tells the balance of its account.
 */
import {
  boundedOutOfOrderness,
  defineJob,
  flatMap,
  intervalJoin,
  type Job,
  keyBy,
  mapWithState,
  type Source,
  type TransactionalSink,
  to,
} from 'rxweft'

/** `at`: ms since the epoch. */
export interface Transfer {
  readonly id: number
  readonly from: number
  readonly to: number
  readonly amount: number
  readonly at: number
}

export interface Approval {
  readonly id: number
  readonly at: number
}

export interface Posting {
  readonly transfer: number
  readonly account: number
  readonly amount: number
  /** After it. */
  readonly balance: number
}

/** What each account has at first. */
export const opening = 100

export function entriesOf({ id: transfer, from, to, amount }: Transfer): readonly Omit<Posting, 'balance'>[] {
  return [
    { transfer, account: from, amount: -amount },
    { transfer, account: to, amount },
  ]
}

/** No record may be late: which ones are would depend on the order in which the partitions are read. */
const outOfOrder = 60_000

export function bank(
  transfers: Source<Transfer>,
  approvals: Source<Approval>,
  postings: TransactionalSink<Posting>,
): Job {
  return defineJob('bank', ({ from }) => {
    const approved = from(
      approvals,
      boundedOutOfOrderness(outOfOrder).withTimestamps(({ at }) => at),
    ).pipe(keyBy(({ id }) => id))
    return from(
      transfers,
      boundedOutOfOrderness(outOfOrder).withTimestamps(({ at }) => at),
    ).pipe(
      keyBy(({ id }) => id),
      intervalJoin(approved, { from: 0, to: 5_000 }, (transfer) => transfer, { id: 'approved' }),
      flatMap(entriesOf),
      keyBy(({ account }) => account),
      mapWithState(
        (before, posting) => {
          const balance = before + posting.amount
          return [balance, { ...posting, balance }]
        },
        opening,
        { id: 'balances' },
      ),
      to(postings),
    )
  })
}
