/**
 * Which node leads which partition, and how many partitions a topic has: the cluster's metadata as
 * one attempt sees it.
 *
 * A broker that was paused, or is cut off from the others, answers with what was true before. So
 * the newest leader epoch counts, whoever names it, and what only one broker says (a topic is gone,
 * or another one has its name) is believed when no other contradicts it.
 */
import type { AttemptContext } from '../../attempt.ts'
import { FatalError, RetriableError, type RxweftError } from '../../errors.ts'
import type { Split } from '../../record.ts'
import { brokerError, isRefused } from './brokerErrors.ts'
import type { Connections, TopicMetadata } from './connections.ts'
import { newerOf } from './newestMetadata.ts'
import { doubt, isPassing, longPatience } from './passing.ts'
import { patience } from './patience.ts'
import { surveyed } from './survey.ts'

export interface Leaders {
  /**
   * The topic as last seen; asks the cluster where it has not been seen, or was gone when last
   * looked for. Rejects with Fatal TOPIC_MISSING, or what else the cluster says, e.g.
   * TOPIC_AUTHORIZATION_FAILED, once all brokers have said so for `within` ms, and what ends
   * `connections.metadata`, once that has lasted for long.
   *
   * @param within default: 10 s, and 3 s where the topic was there before
   */
  topic(name: string, within?: number): Promise<TopicMetadata>
  /**
   * The leader's node id as last seen. Throws Retriable NO_LEADER where there is none at the
   * moment.
   */
  leader(topic: string, partition: number): number
  /**
   * Epoch of that leader, to be sent along, so that a broker which is not (yet, or any more) the
   * leader refuses; undefined: not known.
   */
  epoch(topic: string, partition: number): number | undefined
  /** These splits by the node that leads them. Throws as `leader`. */
  group<S extends Split>(splits: readonly S[]): Map<number, S[]>
  /** The same, and those without a leader apart, each with its error. */
  available<S extends Split>(splits: readonly S[]): Available<S>
  /**
   * Asks the cluster again about every topic seen so far: after a refusal, or to find new
   * partitions.
   */
  refresh(): Promise<void>
  /**
   * The same, of several brokers at once: where it matters that none of them knows better, before
   * an end of a log is believed.
   */
  survey(): Promise<void>
  /**
   * A record of this leader epoch has been read: who was leader before is not any more, and is not
   * asked.
   */
  witnessed(split: Split & { readonly topicId?: string | undefined }, epoch: number): void
}

export interface Available<S> {
  readonly led: Map<number, S[]>
  readonly leaderless: readonly (readonly [S, RxweftError])[]
}

/**
 * On a busy cluster a new topic is not known to all brokers at once; after this time, ms, it does
 * not exist.
 */
const settling = 10_000

export function leaders(
  attempt: Pick<AttemptContext, 'clock' | 'signal'>,
  connections: Pick<Connections, 'metadata' | 'call'>,
): Leaders {
  const seen = new Map<string, TopicMetadata>()
  /**
   * Deleted, or not known to a broker that has just started: who asks for the topic has to wait and
   * see.
   */
  const gone = new Set<string>()
  /** The epochs of what was read, by topic id and partition. */
  const floors = new Map<string, number>()

  /**
   * The first refusal, if any. One answer that contradicts what is known is only a reason to ask
   * others.
   */
  async function ask(names: readonly string[]): Promise<TopicMetadata | undefined> {
    const { topics, brokers } = await connections.metadata(names)
    const doubtful = topics.filter(contradicts).map(({ name }) => name)
    topics.filter((topic) => !doubtful.includes(topic.name)).forEach(found)
    if (doubtful.length > 0)
      await askMany(
        doubtful,
        brokers.map(({ node }) => node),
      )
    return topics.find(({ name }) => gone.has(name))
  }

  function contradicts({ name, errorCode, topicId }: TopicMetadata): boolean {
    const known = gone.has(name) ? undefined : seen.get(name)
    return known !== undefined && (errorCode !== 0 || known.topicId !== topicId)
  }

  function found(topic: TopicMetadata): void {
    if (topic.errorCode !== 0) return void gone.add(topic.name)
    seen.set(topic.name, newerOf(seen.get(topic.name), topic))
    gone.delete(topic.name)
  }

  /** What contradicts is believed where nobody says what was known before. */
  async function askMany(names: readonly string[], nodes: readonly number[]): Promise<void> {
    const answers = await surveyed(attempt, connections, names, nodes)
    for (const name of names) {
      const its = answers.flatMap((topics) => topics.filter((topic) => topic.name === name))
      const agreeing = its.filter((topic) => !contradicts(topic))
      for (const topic of agreeing.length > 0 ? agreeing : its) found(topic)
    }
  }

  /** Throws Retriable NO_LEADER. */
  function leader(topic: string, partition: number): number {
    const { topicId, partitions } = seen.get(topic) ?? { topicId: '', partitions: [] }
    const { leader: node = -1, leaderEpoch = -1 } = partitions.find((one) => one.partition === partition) ?? {}
    const floor = floors.get(`${topicId} ${partition}`) ?? -1
    if (node >= 0 && leaderEpoch >= floor) return node
    const where = { topic, partition }
    if (node < 0) throw new RetriableError('NO_LEADER', 'the partition has no leader at the moment', { where })
    const what = `the cluster names a leader of epoch ${leaderEpoch}, and records of epoch ${floor} have been read already`
    const hint = 'The brokers that answer are out of date; see whether the controller, or the other brokers, are up'
    throw new RetriableError('NO_LEADER', what, { where, hint })
  }

  function available<S extends Split>(splits: readonly S[]): Available<S> {
    const led = new Map<number, S[]>()
    const leaderless: (readonly [S, RxweftError])[] = []
    for (const split of splits) {
      try {
        const node = leader(split.topic, split.partition)
        const group = led.get(node)
        if (group === undefined) led.set(node, [split])
        else group.push(split)
      } catch (error) {
        leaderless.push([split, error as RxweftError])
      }
    }
    return { led, leaderless }
  }

  return {
    async topic(name, within = seen.has(name) ? doubt : settling) {
      const missing = patience(attempt.clock, attempt.signal, { limit: within })
      const refused = patience(attempt.clock, attempt.signal, { limit: Math.min(within, doubt) })
      const lost = patience(attempt.clock, attempt.signal, { limit: longPatience })
      for (;;) {
        const last = seen.get(name)
        if (last !== undefined && !gone.has(name)) return last
        const absent = await ask([name]).catch((error) =>
          isPassing(error) ? lost.after(error) : Promise.reject(error),
        )
        if (absent === undefined) continue
        const error = refusal(absent)
        await (isRefused(absent.errorCode) ? missing : refused).after(error)
      }
    },
    leader,
    epoch(topic, partition) {
      const epoch = seen.get(topic)?.partitions.find((one) => one.partition === partition)?.leaderEpoch ?? -1
      return epoch < 0 ? undefined : epoch
    },
    group(splits) {
      const { led, leaderless } = available(splits)
      for (const [, error] of leaderless) throw error
      return led
    },
    available,
    async refresh() {
      await ask([...seen.keys()])
    },
    async survey() {
      const names = [...seen.keys()]
      const { brokers } = await connections.metadata([])
      await askMany(
        names,
        brokers.map(({ node }) => node),
      )
    },
    witnessed({ topicId = '', partition }, epoch) {
      floors.set(`${topicId} ${partition}`, epoch)
    },
  }
}

function refusal({ name, errorCode }: TopicMetadata): RxweftError {
  const error = brokerError(errorCode, 'Metadata', { topic: name })
  if (error.code !== 'UNKNOWN_TOPIC_OR_PARTITION') return error
  return new FatalError('TOPIC_MISSING', 'the topic does not exist on any broker that answers', {
    where: { topic: name },
    hint: 'Create it, with as many partitions as you need: rxweft creates no topic but its ledger',
  })
}
