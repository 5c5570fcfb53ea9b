/** Which node leads which partition, and how many partitions a topic has: the cluster's metadata as one attempt sees it. */
import type { AttemptContext, Split } from '../element.ts'
import { FatalError, RetriableError, type RxweftError } from '../errors.ts'
import { brokerError, isRefused } from './brokerErrors.ts'
import type { Connections, TopicMetadata } from './connections.ts'
import { patience } from './patience.ts'

export interface Leaders {
  /**
   * The topic as last seen; asks the cluster where it has not been seen, or was gone when last looked for. Rejects with Fatal
   * TOPIC_MISSING after a while, and at once with what else the cluster says, e.g. TOPIC_AUTHORIZATION_FAILED.
   */
  topic(name: string): Promise<TopicMetadata>
  /** The leader's node id as last seen. Throws Retriable NO_LEADER where there is none at the moment. */
  leader(topic: string, partition: number): number
  /** These splits by the node that leads them. Throws as `leader`. */
  group<S extends Split>(splits: readonly S[]): Map<number, S[]>
  /** Asks the cluster again about every topic seen so far: after a refusal, or to find new partitions. */
  refresh(): Promise<void>
}

/** A broker that has just started may not know a topic yet; after this time, ms, it does not exist. */
const settling = 3_000

export function leaders(
  attempt: Pick<AttemptContext, 'clock' | 'signal'>,
  connections: Pick<Connections, 'metadata'>,
): Leaders {
  const seen = new Map<string, TopicMetadata>()
  /** Deleted, or not known to a broker that has just started: who asks for the topic has to wait and see. */
  const gone = new Set<string>()

  async function ask(names: readonly string[]): Promise<TopicMetadata | undefined> {
    const { topics } = await connections.metadata(names)
    for (const topic of topics) {
      if (topic.errorCode === 0) found(topic)
      else gone.add(topic.name)
    }
    return topics.find(({ errorCode }) => errorCode !== 0)
  }

  function found(topic: TopicMetadata): void {
    seen.set(topic.name, topic)
    gone.delete(topic.name)
  }

  function leader(topic: string, partition: number): number {
    const node = seen.get(topic)?.partitions.find((one) => one.partition === partition)?.leader ?? -1
    if (node >= 0) return node
    throw new RetriableError('NO_LEADER', 'the partition has no leader at the moment', { where: { topic, partition } })
  }

  return {
    async topic(name) {
      const waiting = patience(attempt.clock, attempt.signal, { limit: settling })
      for (;;) {
        const last = seen.get(name)
        if (last !== undefined && !gone.has(name)) return last
        const absent = await ask([name])
        if (absent === undefined) continue
        if (!isRefused(absent.errorCode)) throw refusal(absent)
        await waiting.after(refusal(absent))
      }
    },
    leader,
    group(splits) {
      const groups = new Map<number, (typeof splits)[number][]>()
      for (const split of splits) {
        const node = leader(split.topic, split.partition)
        const group = groups.get(node)
        if (group === undefined) groups.set(node, [split])
        else group.push(split)
      }
      return groups
    },
    async refresh() {
      await ask([...seen.keys()])
    },
  }
}

function refusal({ name, errorCode }: TopicMetadata): RxweftError {
  const error = brokerError(errorCode, 'Metadata', { topic: name })
  if (error.code !== 'UNKNOWN_TOPIC_OR_PARTITION') return error
  return new FatalError('TOPIC_MISSING', 'the topic does not exist', {
    where: { topic: name },
    hint: 'Create it, with as many partitions as you need: rxweft creates no topic but its ledger',
  })
}
