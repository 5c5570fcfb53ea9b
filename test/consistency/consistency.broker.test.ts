/**
 * Three jobs on a real broker, each killed ten times with SIGKILL at random moments while another producer feeds it: in the end their output is that
 * of the undisturbed run, and what the input says. The output of the killed ones is what Kafka's own console consumer sees, read_committed.
 */
import { describe, expect, inject, it } from 'vitest'
import { readCommitted } from '../../examples/demo/readCommitted.ts'
import type { Click, Visit } from '../../examples/sessions.ts'
import { consoleConsume, oracleAvailable } from '../../tools/support/consoleConsumer.ts'
import { anySeed, seededRandom } from '../faults/seededRandom.ts'
import { entriesOf, opening, type Posting } from './bank.ts'
import { type Campaign, openCampaign, type Plan } from './campaign.ts'
import { clicks, dealings, lines } from './inputs.ts'
import {
  balanceTexts,
  countsOf,
  countTexts,
  differences,
  miscounted,
  misreckoned,
  movementsOf,
  pagesOf,
  parsed,
  same,
  type Values,
} from './judging.ts'
import { javaView, watch } from './views.ts'

const brokers = inject('brokers')
const possible = brokers.length > 0 && (await oracleAvailable())
const seed = anySeed()
const kills = 10
const accounts = 1_000

const textOf = ({ value }: Values[number]): string => value ?? 'null'

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
    const alone = countsOf(parsed(await readCommitted(brokers, `${undisturbed}counts`)))
    expect(miscounted(counts)).toEqual([])
    expect(differences(countTexts(alone), countTexts(counts))).toEqual(same)
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
    const found: Record<string, Values> = {}
    for (const topic of ['visits', 'late-clicks']) {
      found[topic] = await consoleConsume(brokers, killed + topic)
      const alone = await readCommitted(brokers, undisturbed + topic)
      expect(differences(alone.map(textOf), found[topic].map(textOf))).toEqual(same)
    }
    const [visits, late] = [parsed<Visit>(found.visits ?? []), parsed<Click>(found['late-clicks'] ?? [])]
    const pages = parsed<Click>(input).map(({ page }) => page)
    expect(differences(pages, pagesOf(visits, late))).toEqual(same)
    expect(late.length).toBeGreaterThan(3)
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
        expect(views.filter(({ total, sum }) => total !== accounts * opening || sum !== 0)).toEqual([])
        expect(views.filter(({ postings }) => postings > 0).length).toBeGreaterThan(3)
      },
    )
    const postings = parsed<Posting>(await consoleConsume(brokers, `${killed}postings`))
    const alone = parsed<Posting>(await readCommitted(brokers, `${undisturbed}postings`))
    expect(differences(balanceTexts(alone), balanceTexts(postings))).toEqual(same)
    expect(differences(movementsOf(alone), movementsOf(postings))).toEqual(same)
    expect(differences(movementsOf(approved.flatMap(entriesOf)), movementsOf(postings))).toEqual(same)
    expect(misreckoned(postings)).toEqual([])
  })
})
