/**
 * Enrichment: each order gets the name of its customer from a service that is slow and sometimes
 * fails. Eight calls run at once; orders keep their order, and a checkpoint waits for the calls of
 * the orders before it.
 *
 *   npm run example -- enrichment
 */
import { setTimeout as pause } from 'node:timers/promises'
import { asyncMap, defineJob, type Job, json, type Source, type TransactionalSink, to } from 'rxweft'
import type { Ends } from './program/ends.ts'

export interface Order {
  readonly customer: number
  readonly item: string
}

export interface NamedOrder extends Order {
  readonly name: string
}

/** Asks for the name of a customer, until the signal is aborted. */
export type Directory = (customer: number, signal: AbortSignal) => Promise<string>

export function enrichment(orders: Source<Order>, named: TransactionalSink<NamedOrder>, nameOf: Directory): Job {
  return defineJob('enrichment', ({ from }) =>
    from(orders).pipe(
      asyncMap(async (order, { signal }) => ({ ...order, name: await nameOf(order.customer, signal) }), {
        concurrency: 8,
        timeout: 1_000,
        retry: { attempts: 3, delay: (attempt) => 100 * 2 ** attempt },
        // An outage fails every order: the job waits as its restart strategy decides, and skips
        // none.
        onError: 'fail',
      }),
      to(named),
    ),
  )
}

const names = ['Ada', 'Grace', 'Barbara']

/** Stand-in for a service on the network. */
const directory: Directory = async (customer, signal) => {
  await pause(20 * (names.length - customer), undefined, { signal })
  return names[customer] ?? 'unknown'
}

export const onTopics = ({ source, sink }: Ends): Job =>
  enrichment(source('orders', json<Order>()), sink('named-orders', json()), directory)
