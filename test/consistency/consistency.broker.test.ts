/**
 * Three jobs on a real broker, each killed ten times with SIGKILL at random moments while another producer feeds it: in the end their output is that
 * of the undisturbed run, and what the input says. The output of the killed ones is what Kafka's own console consumer sees, read_committed.
 */
import { describe, expect, inject, it } from 'vitest'
import { readCommitted } from '../../examples/demo/readCommitted.ts'
import type { Click, Visit } from '../../examples/sessions.ts'
import type { WordCount } from '../../examples/wordCount.ts'
import { anySeed, seededRandom } from '../faults/seededRandom.ts'
import { consoleConsume, oracleAvailable } from '../support/consoleConsumer.ts'
import { entriesOf, opening, type Posting } from './bank.ts'
import { type Campaign, openCampaign, type Plan } from './campaign.ts'
import { clicks, dealings, lines } from './inputs.ts'
import { balancesOf, javaView, postingsOf, watch } from './views.ts'

const brokers = inject('brokers')
const possible = brokers.length > 0 && (await oracleAvailable())
const seed = anySeed()
const kills = 10
const accounts = 1_000

type Values = readonly { readonly value: string | null }[]

/** In any order. */
const valuesOf = (records: Values): readonly (string | null)[] => records.map(({ value }) => value).sort()
const parsed = <T>(records: Values): readonly T[] => records.map(({ value }) => JSON.parse(value ?? 'null'))

describe.skipIf(!possible).concurrent(`killed ${kills} times, RXWEFT_SEED=${seed},`, { timeout: 300_000 }, () => {
  /** Killed so often, finished, and run once more undisturbed; `beside` goes on as long as it is being killed. */
  async function campaign(
    finished: (close: () => Promise<void>) => void,
    plan: Omit<Plan, 'kills'>,
    beside: (campaign: Campaign, until: Promise<void>) => Promise<unknown> = async () => undefined,
  ): Promise<Campaign> {
    const campaign = await openCampaign(brokers, { ...plan, kills })
    finished(campaign.close)
    const disturbed = campaign.disturb()
    await Promise.all([disturbed, beside(campaign, disturbed)])
    await campaign.leaveAlone()
    // Else nothing would have been resumed, and nothing proven.
    expect(campaign.resumed.filter((checkpoint) => checkpoint > 0).length).toBeGreaterThan(kills / 3)
    return campaign
  }

  it('word count has counted each word from 1 to the last, and each time once', async ({ onTestFinished }) => {
    const random = seededRandom(seed)
    const input = lines(random, 4_000, 3)
    const partitions = { input: { lines: 3 }, output: { counts: 3 } }
    const { killed, undisturbed } = await campaign(onTestFinished, { job: 'wordCount', input, partitions, random })
    const counts = countsOf(parsed(await consoleConsume(brokers, `${killed}counts`)))
    for (const [word, each] of counts) expect([word, each]).toEqual([word, each.map((_, at) => at + 1)])
    expect(counts).toEqual(countsOf(parsed(await readCommitted(brokers, `${undisturbed}counts`))))
    const words = input.flatMap(({ value }) => value.split(' ')).filter((word) => word !== '')
    expect([...counts.values()].flat()).toHaveLength(words.length)
  })

  it('sessions are those of the undisturbed run, and so are the clicks that came too late', async ({
    onTestFinished,
  }) => {
    const random = seededRandom(seed + 1)
    const input = clicks(random, 3_000)
    const partitions = { input: { clicks: 1 }, output: { visits: 2, 'late-clicks': 1 } }
    const { killed, undisturbed } = await campaign(onTestFinished, { job: 'sessions', input, partitions, random })
    const [visits, late] = await Promise.all(
      ['visits', 'late-clicks'].map((topic) => consoleConsume(brokers, killed + topic)),
    )
    for (const [topic, found] of [
      ['visits', visits],
      ['late-clicks', late],
    ] as const) {
      const expected = await readCommitted(brokers, undisturbed + topic)
      expect(valuesOf(found ?? [])).toEqual(valuesOf(expected))
    }
    const pages = [
      ...parsed<Visit>(visits ?? []).flatMap(({ pages }) => pages),
      ...parsed<Click>(late ?? []).map(({ page }) => page),
    ]
    expect(pages.sort()).toEqual(
      parsed<Click>(input)
        .map(({ page }) => page)
        .sort(),
    )
    expect(late?.length).toBeGreaterThan(20)
  })

  it('a bank has lost and made no money, in any view of it', async ({ onTestFinished }) => {
    const random = seededRandom(seed + 2)
    const { fed: input, approved } = dealings(random, 3_000, accounts, 2)
    const partitions = { input: { transfers: 2, approvals: 2 }, output: { postings: 1 } }
    const { killed, undisturbed } = await campaign(
      onTestFinished,
      { job: 'bank', input, partitions, random },
      async (campaign, until) => {
        const topic = `${campaign.killed}postings`
        const java = campaign.halfway.then(() => javaView(brokers, topic, accounts))
        const views = [...(await watch(brokers, topic, accounts, until)), await java]
        expect(views.filter(({ total }) => total !== accounts * opening)).toEqual([])
        expect(views.filter(({ postings }) => postings > 0).length).toBeGreaterThan(3)
      },
    )
    const postings = postingsOf(await consoleConsume(brokers, `${killed}postings`))
    const alone = postingsOf(await readCommitted(brokers, `${undisturbed}postings`))
    expect(balancesOf(postings)).toEqual(balancesOf(alone))
    expect(movementsOf(postings)).toEqual(movementsOf(alone))
    expect(movementsOf(postings)).toEqual(movementsOf(approved.flatMap(entriesOf)))
    expect(misreckoned(postings)).toEqual([])
  })
})

/** What each word was told to have come to, in order. */
function countsOf(told: readonly WordCount[]): ReadonlyMap<string, readonly number[]> {
  const counts = new Map<string, number[]>()
  for (const { word, count } of told) counts.set(word, [...(counts.get(word) ?? []), count])
  return counts
}

/** What was taken and given, without what it came to: which of two transfers comes first is nobody's promise. */
function movementsOf(postings: readonly Omit<Posting, 'balance'>[]): readonly string[] {
  return postings.map(({ transfer, account, amount }) => `${transfer}: ${account} ${amount}`).sort()
}

/** Postings whose balance is not that of the posting before, plus theirs. */
function misreckoned(postings: readonly Posting[]): readonly Posting[] {
  const balances = new Map<number, number>()
  return postings.filter(({ account, amount, balance }) => {
    const before = balances.get(account) ?? opening
    balances.set(account, balance)
    return balance !== before + amount
  })
}
