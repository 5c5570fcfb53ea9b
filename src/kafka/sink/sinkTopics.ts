/** Topics that one Kafka sink writes to: what is known of each, and how it is kept up to date. */
import type { AttemptContext } from '../../attempt.ts'
import { RxweftError } from '../../errors.ts'
import type { OperatorId } from '../../record.ts'
import type { BatchLimits, Lane } from '../sending/outbox.ts'
import type { Enlisted, KafkaSession } from '../sessions/session.ts'

/** Topic that records go to. */
export interface Target {
  readonly topic: string
  /** By partition. */
  readonly lanes: Lane[]
  /** What a batch may have at most, bytes. */
  readonly maxBytes: number
  /**
   * A batch of this size, bytes before compression, is never larger afterwards than the topic
   * takes.
   */
  readonly sureBytes: number
  /** ms; undefined: whatever the timestamps, records stay. */
  readonly retention: number | undefined
  /**
   * Records with a timestamp below this are removed soon, ms since the epoch; -Infinity: none are.
   */
  oldest: number
  /** How many of those were written since the last barrier. */
  old: number
}

/** Topic that does not exist or must not be written to. */
export interface Refused {
  readonly refused: RxweftError
}

export interface SinkTopics {
  /** undefined: not known yet. */
  find(topic: string): Target | Refused | undefined
  /**
   * Asks the cluster. Rejects with what is no answer.
   * @param within how long a topic may take to appear, ms
   */
  learn(topic: string, within?: number): Promise<void>
  /** At a barrier: tells of records that are too old, and looks for new partitions now and then. */
  barrier(): void
}

export interface SinkTopicsOptions {
  readonly operator: OperatorId
  readonly compression: BatchLimits['compression']
  readonly limits: (sureBytes: number) => BatchLimits
  /** Whether the partitions that a topic gains are used. */
  readonly growing: boolean
}

/** Snappy's worst case adds a sixth to the size. */
const compressible = 6 / 7

/**
 * Shortest interval between checks for new partitions, and time after which a missing topic is
 * looked for again, ms.
 */
const lookInterval = 5_000

/**
 * Codes of errors about a missing or misnamed topic; brokers also send the last one about topics
 * that they hide.
 */
const ofTopic: ReadonlySet<string> = new Set([
  ...['TOPIC_MISSING', 'UNKNOWN_TOPIC_OR_PARTITION', 'INVALID_TOPIC_EXCEPTION', 'TOPIC_AUTHORIZATION_FAILED'],
])

export function sinkTopics(
  { clock, tell }: Pick<AttemptContext, 'clock' | 'tell'>,
  session: KafkaSession,
  part: Enlisted,
  { operator, compression, limits, growing }: SinkTopicsOptions,
): SinkTopics {
  const targets = new Map<string, Target>()
  const missing = new Map<string, Refused & { readonly until: number }>()
  /** Topics whose old records were told of. */
  const told = new Set<string>()
  let looked = clock.monotonic()

  function add(target: Target, partitions: number): void {
    const { topic, lanes, sureBytes } = target
    for (let partition = lanes.length; partition < partitions; partition++) {
      lanes.push(part.lane(topic, partition, limits(sureBytes)))
    }
  }

  function missed(topic: string): Refused | undefined {
    const found = missing.get(topic)
    if (found === undefined || clock.monotonic() < found.until) return found
    missing.delete(topic)
    return undefined
  }

  function age(target: Target): void {
    const { topic, retention, old } = target
    if (retention === undefined) return
    target.oldest = clock.now() - retention
    target.old = 0
    if (old === 0 || told.has(topic)) return
    told.add(topic)
    tell({ type: 'records-past-retention', operator, topic, records: old, retention })
  }

  function look(): void {
    if (!growing || clock.monotonic() - looked < lookInterval) return
    looked = clock.monotonic()
    session.partitions([...targets.keys()]).then(
      (counts) => {
        for (const [topic, partitions] of counts) add(targets.get(topic) as Target, partitions)
      },
      // It is looked for again, and whoever writes finds out what is wrong.
      () => undefined,
    )
  }

  return {
    find: (topic) => targets.get(topic) ?? (missing.size === 0 ? undefined : missed(topic)),
    async learn(topic, within) {
      try {
        const { partitions, maxMessageBytes, retention } = await session.topic(topic, within)
        // What cannot be compressed gets larger.
        const sureBytes = compression === 'none' ? maxMessageBytes : Math.floor(maxMessageBytes * compressible)
        const oldest = retention === undefined ? -Infinity : clock.now() - retention
        const target = { topic, lanes: [], maxBytes: maxMessageBytes, sureBytes, retention, oldest, old: 0 }
        add(target, partitions)
        targets.set(topic, target)
      } catch (error) {
        if (!(error instanceof RxweftError && ofTopic.has(error.code))) throw error
        missing.set(topic, { refused: error, until: clock.monotonic() + lookInterval })
      }
    },
    barrier() {
      for (const target of targets.values()) age(target)
      look()
    },
  }
}
