/**
 * What readers see of the bank while it is killed and goes on. The postings are in one partition, so what a read_committed reader sees up to the
 * first open transaction ends where a transaction ends.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { readCommitted } from '../../examples/demo/readCommitted.ts'
import { consoleConsume } from '../support/consoleConsumer.ts'
import { topicEnds } from '../support/topicEnds.ts'
import { opening, type Posting } from './bank.ts'

type Values = readonly { readonly value: string | null }[]

export const postingsOf = (records: Values): readonly Posting[] => records.map(({ value }) => JSON.parse(value ?? ''))

/** The last balance of each account that has had one. */
export function balancesOf(postings: readonly Posting[]): ReadonlyMap<number, number> {
  return new Map(postings.map(({ account, balance }) => [account, balance]))
}

/** Of all accounts. */
export function totalOf(postings: readonly Posting[], accounts: number): number {
  const balances = balancesOf(postings)
  return [...balances.values()].reduce((sum, balance) => sum + balance, (accounts - balances.size) * opening)
}

export interface View {
  readonly postings: number
  readonly total: number
}

/** Looks again and again, until `until` has settled; resolves with one view for each number of postings that there was. */
export async function watch(
  brokers: readonly string[],
  topic: string,
  accounts: number,
  until: Promise<unknown>,
): Promise<readonly View[]> {
  const views = new Map<number, View>()
  let over = false
  const end = (): void => {
    over = true
  }
  until.then(end, end)
  while (!over) {
    const postings = postingsOf(await readCommitted(brokers, topic, 'decided'))
    views.set(postings.length, { postings: postings.length, total: totalOf(postings, accounts) })
    await pause(100)
  }
  return [...views.values()]
}

/** What Kafka's own consumer sees of it. */
export async function javaView(brokers: readonly string[], topic: string, accounts: number): Promise<View> {
  const [end = 0] = await topicEnds(brokers, topic, 'read_committed')
  const records = await consoleConsume(brokers, topic, { upTo: 'decided' })
  // It is stopped anywhere in what has been decided since.
  const postings = postingsOf(records.filter(({ offset }) => offset < end))
  return { postings: postings.length, total: totalOf(postings, accounts) }
}
