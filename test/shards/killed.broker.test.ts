/**
 * Word count over shards, whose words go through a topic, on a real broker: killed with SIGKILL again and again, threads and all, while another
 * producer feeds it. In the end each word has been counted from 1 to the last, each time once, as Kafka's own console consumer sees it.
 */
import { describe, expect, inject, it, onTestFinished } from 'vitest'
import type { WordCount } from '../../examples/wordCount.ts'
import { repartitionTopicName } from '../../src/checkpoint/names.ts'
import { consoleConsume, oracleAvailable } from '../../tools/support/consoleConsumer.ts'
import { topicEnds } from '../../tools/support/topicEnds.ts'
import { openCampaign } from '../consistency/campaign.ts'
import { lines } from '../consistency/inputs.ts'
import { countsOf, differences, miscounted, parsed, same } from '../consistency/judging.ts'
import { anySeed, seededRandom } from '../faults/seededRandom.ts'

const brokers = inject('brokers')
const possible = brokers.length > 0 && (await oracleAvailable())
const seed = anySeed()
const kills = 6

describe.skipIf(!possible)(`killed ${kills} times, RXWEFT_SEED=${seed},`, { timeout: 600_000 }, () => {
  it.each([
    ['two shards', []],
    ['another number of shards after each kill', [2, 3, 1, 4]],
  ])('word count over %s has counted each word from 1 to the last, and each time once', async (_, shards) => {
    const random = seededRandom(seed)
    const input = lines(random, 3_000, 4)
    const words = input.flatMap(({ value }) => value.split(' ')).filter((word) => word !== '')
    const campaign = await openCampaign(brokers, {
      ...{ job: 'manyCores', input, random, kills, shards },
      partitions: { input: { lines: 4 }, output: { counts: 4 } },
      stopAt: { topics: ['counts'], enough: (counts = []) => counts.length >= words.length },
    })
    onTestFinished(campaign.close)
    await campaign.disturb()
    expect(campaign.resumed.filter((checkpoint) => checkpoint > 0).length).toBeGreaterThan(kills / 3)
    const counts = countsOf(parsed<WordCount>(await consoleConsume(brokers, `${campaign.killed}counts`)))
    expect(miscounted(counts)).toEqual([])
    const counted = [...counts].flatMap(([word, each]) => each.map(() => word))
    expect(differences(words, counted)).toEqual(same)
    expect(
      await topicEnds(
        brokers,
        repartitionTopicName(`${campaign.killed}rxweft`, 'many-cores', 'words'),
        'read_committed',
      ),
    ).toHaveLength(4)
  })
})
