/**
 * What readers see of the bank while it is killed and goes on. The postings are in one partition, so what a read_committed reader sees up to the
 * first open transaction ends where a transaction ends.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { readCommitted } from '../../examples/demo/readCommitted.ts'
import { consoleConsume } from '../../tools/support/consoleConsumer.ts'
import { topicEnds } from '../../tools/support/topicEnds.ts'
import { opening, type Posting } from './bank.ts'
import { balancesOf, parsed, type Values } from './judging.ts'

export interface View {
  readonly postings: number
  /** Of the balances of all accounts, and of what was taken and given. */
  readonly total: number
  readonly sum: number
}

export function viewOf(records: Values, accounts: number): View {
  const postings = parsed<Posting>(records)
  const balances = balancesOf(postings)
  const untouched = (accounts - balances.size) * opening
  return {
    postings: postings.length,
    total: [...balances.values()].reduce((total, balance) => total + balance, untouched),
    sum: postings.reduce((sum, { amount }) => sum + amount, 0),
  }
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
    const view = viewOf(await readCommitted(brokers, topic, 'decided'), accounts)
    views.set(view.postings, view)
    await pause(100)
  }
  return [...views.values()]
}

/** What Kafka's own consumer sees of it. */
export async function javaView(brokers: readonly string[], topic: string, accounts: number): Promise<View> {
  const [end = 0] = await topicEnds(brokers, topic, 'read_committed')
  const records = await consoleConsume(brokers, topic, { upTo: 'decided' })
  // It is stopped anywhere in what has been decided since.
  return viewOf(
    records.filter(({ offset }) => offset < end),
    accounts,
  )
}
