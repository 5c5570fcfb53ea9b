/**
 * Outputs of the three jobs, in a form that does not depend on the order in which partitions were
 * read.
 */

import type { Click, Visit } from '../../examples/sessions.ts'
import type { WordCount } from '../../examples/wordCount.ts'
import { beyond } from '../../tools/support/beyond.ts'
import { opening, type Posting } from './bank.ts'

export type Values = readonly { readonly value: string | null }[]

export const parsed = <T>(records: Values): readonly T[] => records.map(({ value }) => JSON.parse(value ?? 'null'))

/** What is not as often in both: nothing, where they are the same in any order. At most ten each, since nobody reads more. */
export function differences(expected: readonly string[], found: readonly string[]) {
  return { lost: beyond(expected, found).slice(0, 10), surplus: beyond(found, expected).slice(0, 10) }
}

export const same = { lost: [], surplus: [] }

/** What each word was told to have come to, in order. */
export function countsOf(told: readonly WordCount[]): ReadonlyMap<string, readonly number[]> {
  const counts = new Map<string, number[]>()
  for (const { word, count } of told) {
    const each = counts.get(word)
    if (each === undefined) counts.set(word, [count])
    else each.push(count)
  }
  return counts
}

/** Words that were not counted 1, 2, 3 and so on. */
export function miscounted(counts: ReadonlyMap<string, readonly number[]>): readonly string[] {
  return [...counts].filter(([, each]) => each.some((count, at) => count !== at + 1)).map(([word]) => word)
}

/** The last count of each word, as texts. */
export const countTexts = (counts: ReadonlyMap<string, readonly number[]>): readonly string[] =>
  [...counts].map(([word, each]) => `${word} ${each.at(-1)}`)

/** Of all clicks, in time and too late. */
export const pagesOf = (visits: readonly Visit[], late: readonly Click[]): readonly string[] => [
  ...visits.flatMap(({ pages }) => pages),
  ...late.map(({ page }) => page),
]

/** What was taken and given, without what it came to: which of two transfers comes first is nobody's promise. */
export const movementsOf = (postings: readonly Omit<Posting, 'balance'>[]): readonly string[] =>
  postings.map(({ transfer, account, amount }) => `${transfer}: ${account} ${amount}`)

/** The last balance of each account that has had one, as texts. */
export const balanceTexts = (postings: readonly Posting[]): readonly string[] =>
  [...balancesOf(postings)].map(([account, balance]) => `${account} ${balance}`)

export function balancesOf(postings: readonly Posting[]): ReadonlyMap<number, number> {
  return new Map(postings.map(({ account, balance }) => [account, balance]))
}

/** Postings whose balance is not that of the posting before, plus theirs. */
export function misreckoned(postings: readonly Posting[]): readonly Posting[] {
  const balances = new Map<number, number>()
  return postings.filter(({ account, amount, balance }) => {
    const before = balances.get(account) ?? opening
    balances.set(account, balance)
    return balance !== before + amount
  })
}
