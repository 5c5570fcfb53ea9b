/**
 * Sessions with late clicks and a bank, over shards, on a real broker: killed with SIGKILL again and again, at random moments and at steps of the
 * protocol, and started with another number of shards each time, so that windows, joins and balances move. Judged by what Kafka's own console
 * consumer sees, read_committed.
 */
import { describe, expect, inject, it } from 'vitest'
import type { Click, Visit } from '../../examples/sessions.ts'
import { stateTopicName } from '../../src/checkpoint/names.ts'
import { consoleConsume, oracleAvailable } from '../../tools/support/consoleConsumer.ts'
import { topicEnds } from '../../tools/support/topicEnds.ts'
import { entriesOf, opening, type Posting } from '../consistency/bank.ts'
import { type Campaign, openCampaign, type Plan } from '../consistency/campaign.ts'
import { clicks, dealings, type Fed } from '../consistency/inputs.ts'
import {
  balancesOf,
  differences,
  misreckoned,
  movementsOf,
  pagesOf,
  parsed,
  same,
  type Values,
} from '../consistency/judging.ts'
import { gap, outOfOrder } from '../consistency/spreadSessions.ts'
import { anySeed, seededRandom } from '../faults/seededRandom.ts'

const brokers = inject('brokers')
const possible = brokers.length > 0 && (await oracleAvailable())
const seed = anySeed()
const shards = [2, 3, 1, 4]
/** As many as let the last run, which is not killed, have four shards. */
const kills = 2 * shards.length - 1
const [partitions, accounts, users] = [4, 500, 400]

/** One click of each partition that is later than all others: it closes every visit but its own. */
const last: readonly Fed[] = Array.from({ length: partitions }, (_, partition) => ({
  ...{ topic: 'clicks', partition },
  value: JSON.stringify({ user: 'last', page: 'last', at: 1e9 + partition } satisfies Click),
}))

/** Clicks that are in time by far, and hence in one visit: user by user, in the order of their times. */
function visitsInTime(input: readonly Click[]): readonly (readonly Click[])[] {
  const visits: Click[][] = []
  let before: Click | undefined
  for (const click of [...input].sort((a, b) => a.user.localeCompare(b.user) || a.at - b.at)) {
    const isNext = before?.user === click.user && click.at - before.at < gap
    if (isNext) visits.at(-1)?.push(click)
    else visits.push([click])
    before = click
  }
  return visits
}

describe
  .skipIf(!possible)
  .concurrent(
    `killed ${kills} times, and started with 2, 3, 1 and 4 shards in turn, RXWEFT_SEED=${seed},`,
    { timeout: 300_000 },
    () => {
      async function campaign(
        finished: (close: () => Promise<void>) => void,
        plan: Omit<Plan, 'kills' | 'shards'>,
      ): Promise<Campaign> {
        const campaign = await openCampaign(brokers, { ...plan, kills, shards })
        finished(campaign.close)
        await campaign.disturb()
        expect(campaign.resumed.filter((checkpoint) => checkpoint > 0).length).toBeGreaterThan(kills / 3)
        return campaign
      }

      it('sessions have each click once, in its visit or too late, and none is too late that was in time', async ({
        onTestFinished,
      }) => {
        const random = seededRandom(seed)
        const fed = clicks(random, 3_000, users, partitions)
        const all = parsed<Click>(fed)
        const told = (visits: Values, late: Values) =>
          pagesOf(parsed<Visit>(visits), parsed<Click>(late)).filter((page) => page !== 'last')
        const { killed } = await campaign(onTestFinished, {
          ...{ job: 'spreadSessions', random, input: [...fed, ...last] },
          partitions: { input: { clicks: partitions }, output: { visits: 2, 'late-clicks': 1 } },
          stopAt: {
            topics: ['visits', 'late-clicks'],
            enough: (visits = [], late = []) => told(visits, late).length >= all.length,
          },
        })
        const [visits, late] = await Promise.all([
          consoleConsume(brokers, `${killed}visits`),
          consoleConsume(brokers, `${killed}late-clicks`),
        ])
        const pages = all.map(({ page }) => page)
        expect(differences(pages, told(visits, late))).toEqual(same)
        const inTime = new Set(
          all.filter(({ at }, number) => at >= number * 10_000 - outOfOrder).map(({ page }) => page),
        )
        const tooLate = parsed<Click>(late).map(({ page }) => page)
        expect(tooLate.filter((page) => inTime.has(page))).toEqual([])
        expect(tooLate.length).toBeGreaterThan(3)
        const visitOf = new Map(parsed<Visit>(visits).flatMap((visit) => visit.pages.map((page) => [page, visit])))
        const whole = visitsInTime(all.filter(({ page }) => inTime.has(page)))
        expect(whole.filter((visit) => new Set(visit.map(({ page }) => visitOf.get(page))).size !== 1)).toEqual([])
        expect(all.filter(({ page, user }) => !tooLate.includes(page) && visitOf.get(page)?.user !== user)).toEqual([])
      })

      it('a bank has made each transfer once, from the right balances, and has as much money as before', async ({
        onTestFinished,
      }) => {
        const random = seededRandom(seed + 1)
        const { fed: input, approved } = dealings(random, 2_000, accounts, partitions)
        const movements = movementsOf(approved.flatMap(entriesOf))
        const { killed } = await campaign(onTestFinished, {
          ...{ job: 'spreadBank', random, input },
          partitions: { input: { transfers: partitions, approvals: partitions }, output: { postings: 1 } },
          stopAt: { topics: ['postings'], enough: (postings = []) => postings.length >= movements.length },
        })
        const postings = parsed<Posting>(await consoleConsume(brokers, `${killed}postings`))
        expect(differences(movements, movementsOf(postings))).toEqual(same)
        expect(misreckoned(postings)).toEqual([])
        const balances = balancesOf(postings)
        const total = [...balances.values()].reduce((sum, one) => sum + one, (accounts - balances.size) * opening)
        expect(total).toBe(accounts * opening)
        // Its state is too large for ledger entries, so it has moved from partition to partition of this topic.
        const state = await topicEnds(brokers, stateTopicName(`${killed}rxweft`, 'bank'), 'read_committed')
        expect(state.map((end) => end > 0)).toEqual([true, true, true, true])
      })
    },
  )
