/**
 * Upgrade: one job in three versions. The second gives its operator another name and its state
 * another form, the third no longer reads one of its sources. Each version goes on where the one
 * before has stopped; docs/upgrading.md explains the steps.
 */
import { defineJob, type Job, keyBy, mapWithState, merge, type Source, type TransactionalSink, to } from 'rxweft'

export interface Payment {
  readonly customer: string
  readonly amount: number
}

export interface Parts {
  readonly payments: Source<Payment>
  readonly refunds: Source<Payment>
  readonly turnover: TransactionalSink<string>
}

/** Sums what each customer has paid, less what was refunded. */
export const version1 = ({ payments, refunds, turnover }: Parts): Job =>
  defineJob('turnover', ({ from }) =>
    merge(from(payments), from(refunds)).pipe(
      keyBy(({ customer }) => customer),
      mapWithState((sum: number, { customer, amount }) => [sum + amount, `${customer}: ${sum + amount}`], 0, {
        id: 'sum',
      }),
      to(turnover),
    ),
  )

interface Account {
  readonly sum: number
  readonly payments: number
}

/** Counts the payments as well: the operator has a better name, and its state another form. */
export const version2 = ({ payments, refunds, turnover }: Parts): Job =>
  defineJob(
    'turnover',
    ({ from }) =>
      merge(from(payments), from(refunds)).pipe(
        keyBy(({ customer }) => customer),
        account(),
        to(turnover),
      ),
    { renamedFrom: { account: 'sum' } },
  )

/** Refunds are payments below zero now: their own source is gone. */
export const version3 = ({ payments, refunds, turnover }: Parts): Job =>
  defineJob(
    'turnover',
    ({ from }) =>
      from(payments).pipe(
        keyBy(({ customer }) => customer),
        account(),
        to(turnover),
      ),
    { allowDropped: { sources: [refunds.id] } },
  )

function account() {
  return mapWithState(
    (state: Account, { customer, amount }: Payment) => {
      const next = { sum: state.sum + amount, payments: state.payments + 1 }
      return [next, `${customer}: ${next.sum} in ${next.payments}`]
    },
    { sum: 0, payments: 0 },
    { id: 'account', version: 2, migrate: { 1: (sum) => ({ sum: sum as number, payments: 0 }) } },
  )
}
