/**
 * Fraud rules with broadcast: each rule applies to all cards from its timestamp on. A payment is
 * judged once both topics have reached its time; an idle topic of rules holds nothing back.
 *
 *   npm run example -- fraudRules
 */
import * as t from 'io-ts'
import {
  boundedOutOfOrderness,
  connect,
  defineJob,
  type Job,
  json,
  keyBy,
  listState,
  mapState,
  monotonousTimestamps,
  type Source,
  type TransactionalSink,
  to,
} from 'rxweft'
import type { Ends } from './program/ends.ts'

const payment = t.type({ card: t.string, amount: t.number })
const rule = t.type({ name: t.string, limit: t.number, within: t.number })
export type Payment = t.TypeOf<typeof payment>
export type Rule = t.TypeOf<typeof rule>
export type Alert = { readonly rule: string; readonly card: string; readonly paid: number }

export function fraudRules(payments: Source<Payment>, rules: Source<Rule>, alerts: TransactionalSink<Alert>): Job {
  return defineJob('fraud-rules', ({ from }) =>
    from(payments, boundedOutOfOrderness(10_000)).pipe(
      keyBy((payment) => payment.card),
      connect(
        from(rules, monotonousTimestamps().withIdleness(1_000)),
        {
          broadcast: mapState<string, Rule & { readonly since: number }>(),
          state: { recent: listState<{ readonly at: number; readonly amount: number }>({ ttl: 60 * 60_000 }) },
          onBroadcast: (rule, { broadcast, record }) => broadcast.set(rule.name, { ...rule, since: record.timestamp }),
          onElement({ amount }, { state, timers, record }) {
            state.recent.add({ at: record.timestamp, amount })
            timers.event.set(record.timestamp)
          },
          onEventTimer: (now, { key, state, broadcast }) =>
            broadcast.entries().flatMap(([name, { limit, within, since }]) => {
              const recent = state.recent.get().filter(({ at }) => at > now - within && at <= now)
              const paid = recent.reduce((sum, { amount }) => sum + amount, 0)
              return since <= now && paid > limit ? [{ rule: name, card: key, paid }] : []
            }),
        },
        { id: 'rules' },
      ),
      to(alerts),
    ),
  )
}

export const onTopics = ({ source, sink }: Ends): Job =>
  fraudRules(source('payments', payment), source('rules', rule), sink('alerts', json()))
