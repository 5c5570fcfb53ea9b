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
  type RepartitionTopic,
  type Source,
  type Stream,
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

export type Entry = Omit<Posting, 'balance'>

/** Topics through which records go to the shard that has their key. */
export interface BankTopics {
  readonly transfers: RepartitionTopic<Transfer, number>
  readonly approvals: RepartitionTopic<Approval, number>
  readonly entries: RepartitionTopic<Entry, number>
}

export function entriesOf({ id: transfer, from, to, amount }: Transfer): readonly Entry[] {
  return [
    { transfer, account: from, amount: -amount },
    { transfer, account: to, amount },
  ]
}

/** No record may be late: which ones are would depend on the order in which the partitions are read. */
const outOfOrder = 60_000

/** @param topics none: in one shard */
export function bank(
  transfers: Source<Transfer>,
  approvals: Source<Approval>,
  postings: TransactionalSink<Posting>,
  topics?: BankTopics,
): Job {
  return defineJob('bank', ({ from, repartition }) => {
    const through = <T>(topic: RepartitionTopic<T, number> | undefined) =>
      topic === undefined ? (elements: Stream<T, number>) => elements : repartition(topic)
    const approved = from(
      approvals,
      boundedOutOfOrderness(outOfOrder).withTimestamps(({ at }) => at),
    ).pipe(
      keyBy(({ id }) => id),
      through(topics?.approvals),
    )
    return from(
      transfers,
      boundedOutOfOrderness(outOfOrder).withTimestamps(({ at }) => at),
    ).pipe(
      keyBy(({ id }) => id),
      through(topics?.transfers),
      intervalJoin(approved, { from: 0, to: 5_000 }, (transfer) => transfer, { id: 'approved' }),
      flatMap(entriesOf),
      keyBy(({ account }) => account),
      through(topics?.entries),
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
