/** Topics of one Kafka sink: their properties, kept up to date. */
import type { AttemptContext } from '../../attempt.ts'
import { RxweftError } from '../../errors.ts'
import type { OperatorId } from '../../record.ts'
import { withoutTimestamp } from '../batch/batchBuilder.ts'
import type { BatchLimits, Lane } from '../sending/outbox.ts'
import type { Enlisted, KafkaSession } from '../sessions/session.ts'

/** Topic that records go to. */
export interface Target {
  readonly topic: string
  /** By partition. */
  readonly lanes: Lane[]
  /** Largest batch, bytes. */
  readonly maxBytes: number
  /** Size, bytes before compression, up to which a batch certainly fits the topic's limit. */
  readonly sureBytes: number
  /** ms; undefined if records stay whatever their timestamps. */
  readonly retention: number | undefined
  /**
   * Records with a timestamp below this are removed soon, ms since the epoch; -Infinity for none.
   */
  oldest: number
  /** Number of those written since the last barrier. */
  old: number
  /**
   * Lowest timestamp that can be written, ms since the epoch. Brokers that compress anew fail on
   * times before 1970 (UNKNOWN_SERVER_ERROR, without naming the record), and others keep them.
   */
  readonly lowest: number
}

/** Topic that does not exist or must not be written to. */
export interface Refused {
  readonly refused: RxweftError
}

export interface SinkTopics {
  /** Undefined if not known yet. */
  find(topic: string): Target | Refused | undefined
  /**
   * Asks the cluster. Rejects if there is no answer.
   *
   * @param within how long a topic may take to appear, ms
   */
  learn(topic: string, within?: number): Promise<void>
  /**
   * Called at each barrier: reports records that are too old, and sometimes looks for new
   * partitions.
   */
  barrier(): void
}

export interface SinkTopicsOptions {
  readonly operator: OperatorId
  readonly compression: BatchLimits['compression']
  readonly limits: (sureBytes: number) => BatchLimits
  /** True if new partitions of a topic are used. */
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
  /** Topics whose old records were reported. */
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
      // The next check asks again, and a write then meets the actual error.
      () => undefined,
    )
  }

  return {
    find: (topic) => targets.get(topic) ?? (missing.size === 0 ? undefined : missed(topic)),
    async learn(topic, within) {
      try {
        const shape = await session.topic(topic, within)
        const { partitions, maxMessageBytes, retention } = shape
        // Incompressible records grow when compressed.
        const sureBytes = compression === 'none' ? maxMessageBytes : Math.floor(maxMessageBytes * compressible)
        const oldest = retention === undefined ? -Infinity : clock.now() - retention
        const lowest = (shape.compression ?? compression) === compression ? -Infinity : withoutTimestamp
        const target = { topic, lanes: [], maxBytes: maxMessageBytes, sureBytes, retention, oldest, lowest, old: 0 }
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
