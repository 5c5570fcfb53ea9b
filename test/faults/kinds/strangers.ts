/** Transactions of strangers in the topics of the job, interleaved with each other, some committed and some aborted. */
import { type Transactional, testTopics } from '../../../tools/support/topics.ts'
import type { Fault } from '../fault.ts'
import type { Site } from '../site.ts'

/** One after the other, so that lines keep their order. */
async function feedThrough(stranger: Transactional, { lines, source }: Site, count: number): Promise<void> {
  for (const { partition, text } of lines.next(count)) await stranger.send(source, partition, [text])
}

async function litter(stranger: Transactional, topic: string): Promise<void> {
  for (const partition of [0, 1, 2, 3]) await stranger.send(topic, partition, ['never committed', 'nor this'])
}

const interleaved: Fault = {
  name: "strangers' aborted transactions interleaved",
  short: 1,
  async inject(site) {
    const { arena, source, sink, lines } = site
    await site.running()
    const topics = await testTopics([arena.direct])
    const [aborted, committed, longer] = await Promise.all(
      ['a', 'b', 'c'].map((id) => topics.transactional(topics.name(id))),
    )
    for (let times = 0; times < 3; times++) {
      await litter(longer as Transactional, source)
      await litter(aborted as Transactional, source)
      await feedThrough(committed as Transactional, site, 8)
      await litter(aborted as Transactional, sink)
      await lines.feed(8)
      await aborted?.end(false)
      await litter(longer as Transactional, source)
      await feedThrough(committed as Transactional, site, 8)
      await committed?.end(true)
      await lines.feed(8)
    }
    await longer?.end(false)
    await topics.close()
  },
}

export const strangers: readonly Fault[] = [interleaved]
