/** Topics of one run of the job, what is fed into them and what comes out, as Java writes and reads it. */
import { setTimeout as pause } from 'node:timers/promises'
import { readCommitted } from '../../examples/demo/readCommitted.ts'
import type { JavaCluster } from '../../tools/broker/javaCluster.ts'
import { consoleConsume } from '../../tools/support/consoleConsumer.ts'
import { testTopics } from '../../tools/support/topics.ts'
import { startTraffic } from '../cluster/traffic.ts'
import type { Output } from './compare.ts'
import type { Given } from './program.ts'
import type { Script, Step } from './script.ts'
import { type Shown, shown } from './shown.ts'
import { outputs, partitions, type TopicName, topicNames } from './words.ts'

export interface Stage {
  readonly job: string
  readonly topics: Readonly<Record<TopicName, string>>
  readonly shown: Shown
  /** What the program is given. */
  given(instance: string | null, folder: string | null): Given
  feed(step: Step): void
  /** Resolves once everything has come out, or after `limit` ms, with whether it has. */
  drained(script: Pick<Script, 'expected'>, limit: number): Promise<boolean>
  /** All that is committed, as Java's console consumer sees it. */
  output(): Promise<Output>
  close(): Promise<void>
}

/** Time between two looks into the topics themselves, ms. */
const patience = 10_000

export async function openStage(cluster: JavaCluster, name: string, shards: number): Promise<Stage> {
  const made = await testTopics(cluster.brokers)
  const job = made.name(name)
  const entries: [TopicName, string][] = []
  for (const topic of topicNames) {
    const count = topic === 'rules' || topic === 'applied' ? 1 : partitions
    entries.push([topic, await made.create(count, {}, `${job}-${topic}`)])
  }
  const topics = Object.fromEntries(entries) as Record<TopicName, string>
  const traffic = await startTraffic(
    cluster.brokers,
    topics.events,
    outputs.map((one) => topics[one]),
  )
  const found = shown(topics, traffic.seen, shards)

  function isThere({ expected }: Pick<Script, 'expected'>): boolean {
    found.look()
    return outputs.every((topic) => {
      const wanted = topic === 'applied' ? expected.applied * shards : expected[topic]
      return found.counts[topic] >= wanted
    })
  }

  /** The reader of all the time may hang behind one that was away: in the end the topics count. */
  async function isInTopics({ expected }: Pick<Script, 'expected'>): Promise<boolean> {
    for (const topic of outputs) {
      const wanted = topic === 'applied' ? expected.applied * shards : expected[topic]
      if ((await readCommitted(cluster.brokers, topics[topic], 'decided')).length < wanted) return false
    }
    return true
  }

  return {
    ...{ job, topics, shown: found },
    given: (instance, folder) => ({ brokers: cluster.jobBrokers, job, topics, instance, shards, folder }),
    feed({ lines }) {
      traffic.feed(lines.map((line) => ({ ...line, topic: topics[line.topic] })))
    },
    async drained(script, limit) {
      const deadline = Date.now() + limit
      for (let look = Date.now() + patience; !isThere(script); await pause(50)) {
        if (Date.now() > deadline) return false
        if (Date.now() < look) continue
        if (await isInTopics(script)) return true
        look = Date.now() + patience
      }
      return true
    },
    async output() {
      if (traffic.failures.length > 0) throw new Error(`not everything was fed: ${traffic.failures[0]}`)
      const read = async (topic: string) =>
        (await consoleConsume(cluster.brokers, topic, { timeout: 300_000 })).map(({ value }) => String(value))
      const [counts = [], windows = [], late = [], applied = []] = await Promise.all(
        outputs.map((name) => read(topics[name])),
      )
      return { counts, windows, late, applied }
    },
    async close() {
      await traffic.close()
      await made.close().catch(() => undefined)
    },
  }
}
