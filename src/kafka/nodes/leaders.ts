/**
 * The cluster's metadata as seen by one attempt: leaders of partitions, and partition counts of
 * topics.
 *
 * A paused or partitioned broker answers with old metadata. So the newest leader epoch counts,
 * whichever broker names it, and a contradiction by one broker (a topic is gone, or another one has
 * its name) is believed only if no other broker disagrees.
 */
import type { AttemptContext } from '../../attempt.ts'
import { FatalError, RetriableError, type RxweftError } from '../../errors.ts'
import type { Split } from '../../record.ts'
import { brokerError, isRefused } from './brokerErrors.ts'
import type { Connections, TopicMetadata } from './connections.ts'
import { newerOf } from './newestMetadata.ts'
import { finalPatience, isPassing, longPatience } from './passing.ts'
import { patience } from './patience.ts'
import { surveyed } from './survey.ts'

export interface Leaders {
  /**
   * The topic as last seen; asks the cluster if it has not been seen, or was missing last time.
   * Rejects with Fatal TOPIC_MISSING, or another error of the cluster such as
   * TOPIC_AUTHORIZATION_FAILED, once all brokers have reported it for `within` ms; and with errors
   * of `connections.metadata` that last.
   *
   * @param within default: 10 s, or 3 s if the topic was seen before
   */
  topic(name: string, within?: number): Promise<TopicMetadata>
  /** Node id of the leader as last seen. Throws Retriable NO_LEADER if there is none now. */
  leader(topic: string, partition: number): number
  /**
   * Epoch of that leader, undefined if unknown. Requests carry it, so that a broker that is not the
   * leader (not yet, or no more) refuses.
   */
  epoch(topic: string, partition: number): number | undefined
  /** Groups splits by leader. Throws as `leader` does. */
  group<S extends Split>(splits: readonly S[]): Map<number, S[]>
  /** Like `group`, but lists the splits without a leader, each with its error. */
  available<S extends Split>(splits: readonly S[]): Available<S>
  /**
   * Asks the cluster again about every topic seen: after a refusal, or to find new partitions.
   *
   * @param asked connections for the question; default: those of the attempt
   */
  refresh(asked?: Pick<Connections, 'metadata'>): Promise<void>
  /**
   * Like `refresh`, but asks several brokers at once: used before an end of a log is believed, when
   * none may know better.
   */
  survey(): Promise<void>
  /**
   * Notes that a record of this leader epoch has been read: leaders of earlier epochs are not asked
   * again.
   */
  witnessed(split: Split & { readonly topicId?: string | undefined }, epoch: number): void
}

export interface Available<S> {
  readonly led: Map<number, S[]>
  readonly leaderless: readonly (readonly [S, RxweftError])[]
}

/**
 * How long a missing topic may still appear, ms: on a busy cluster, not all brokers know a new
 * topic at once.
 */
const settling = 10_000

export function leaders(
  attempt: Pick<AttemptContext, 'clock' | 'signal'>,
  connections: Pick<Connections, 'metadata' | 'call'>,
): Leaders {
  const seen = new Map<string, TopicMetadata>()
  /**
   * Topics that are deleted, or unknown to a broker that has just started: the next caller waits.
   */
  const gone = new Set<string>()
  /** Highest epoch of the records read, by topic id and partition. */
  const floors = new Map<string, number>()

  /**
   * Returns the first refusal, if any. One answer that contradicts known metadata is only a reason
   * to ask other brokers.
   */
  async function ask(
    names: readonly string[],
    asked: Pick<Connections, 'metadata'> = connections,
  ): Promise<TopicMetadata | undefined> {
    const { topics, brokers } = await asked.metadata(names)
    const contradicting = topics.filter(contradicts).map(({ name }) => name)
    topics.filter((topic) => !contradicting.includes(topic.name)).forEach(found)
    if (contradicting.length > 0)
      await askMany(
        contradicting,
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

  /** Believes a contradiction if no broker confirms the known metadata. */
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
    const what = `the cluster names a leader of epoch ${leaderEpoch}, but records of the newer epoch ${floor} were already read`
    const hint =
      'The metadata of the brokers that answer are outdated: check that the controller and the other brokers are up'
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
    async topic(name, within = seen.has(name) ? finalPatience : settling) {
      const missing = patience(attempt.clock, attempt.signal, { limit: within })
      const refused = patience(attempt.clock, attempt.signal, { limit: Math.min(within, finalPatience) })
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
    async refresh(asked) {
      await ask([...seen.keys()], asked)
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
  return new FatalError('TOPIC_MISSING', 'no broker that answers has this topic', {
    where: { topic: name },
    hint: 'Create it with as many partitions as you need: rxweft creates only its own topics',
  })
}
