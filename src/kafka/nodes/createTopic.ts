/**
 * Creates a topic owned by a job (its ledger, or a repartition topic), or its missing partitions.
 */
import { type CodeOf, FatalError, RetriableError, toError } from '../../errors.ts'
import type { KafkaCluster } from '../cluster.ts'
import { brokerError, brokerErrors } from './brokerErrors.ts'
import type { TopicMetadata } from './connections.ts'
import type { Leaders } from './leaders.ts'
import { withAdmin } from './withAdmin.ts'

export interface NewTopic {
  readonly topic: string
  readonly partitions: number
  /** Default: the cluster's configuration. */
  readonly replication?: number
  readonly configEntries: readonly { readonly name: string; readonly value: string }[]
}

/** Error to raise if creation fails. */
export interface Refusal {
  /** Codes by consequence. */
  readonly fatal: CodeOf<'fatal'>
  readonly retriable: CodeOf<'retriable'>
  /** Noun for messages: "the ledger topic". */
  readonly what: string
}

/**
 * Returns false if the topic exists. Rejects with Fatal if the cluster refuses for good; other
 * obstacles, such as a restarting broker, may pass and are Retriable.
 */
export async function createTopic(cluster: KafkaCluster, wanted: NewTopic, refusal: Refusal): Promise<boolean> {
  const { topic, partitions, configEntries, replication = -1 } = wanted
  const topics = [
    { topic, numPartitions: partitions, replicationFactor: replication, configEntries: [...configEntries] },
  ]
  // kafkajs reports an existing topic without an error.
  return withAdmin(cluster, (admin) => admin.createTopics({ topics, waitForLeaders: false, timeout: creation })).catch(
    async (thrown) => {
      const cause = toError(thrown)
      const settings = configEntries.map(({ name, value }) => `--config ${name}=${value}`)
      const replicas = replication < 0 ? [] : [`--replication-factor ${replication}`]
      const create = ['--create', `--topic ${topic}`, `--partitions ${partitions}`, ...replicas, ...settings].join(' ')
      const twin = refusalsIn(cause).includes(invalidTopic) ? await twinOf(cluster, topic) : undefined
      if (twin !== undefined) throw collides(topic, twin, refusal, cause)
      throw refused(`${refusal.what} does not exist and could not be created`, topic, refusal, create, cause)
    },
  )
}

/**
 * Creates the topic as the first of `best` that the cluster allows; as `plain` if it refuses not
 * the topic itself but its replication or configuration, which a managed cluster prescribes.
 */
export async function createAsAllowed(
  cluster: KafkaCluster,
  best: readonly NewTopic[],
  plain: NewTopic,
  refusal: Refusal,
): Promise<boolean> {
  const [first, ...others] = best
  if (first === undefined) return createTopic(cluster, plain, refusal)
  return createTopic(cluster, first, refusal).catch((thrown: { readonly cause?: unknown }) => {
    const isShape = refusalsIn(thrown.cause).some((code) => shapes.has(code))
    return isShape ? createAsAllowed(cluster, others, plain, refusal) : Promise.reject(thrown)
  })
}

/**
 * Configuration that keeps records until the job deletes them: it may be down for longer than the
 * brokers' default retention.
 */
export const keptUntilDeleted = [
  { name: 'cleanup.policy', value: 'delete' },
  { name: 'retention.ms', value: '-1' },
  { name: 'retention.bytes', value: '-1' },
]

/**
 * Waits until the brokers see the topic: a busy cluster takes a while to create one, and brokers
 * hear of it one after another. Rejects with Retriable if it stays invisible.
 */
export async function seen(leaders: Pick<Leaders, 'topic'>, topic: string, refusal: Refusal): Promise<TopicMetadata> {
  return leaders.topic(topic, visibility).catch((thrown) => {
    if (!(thrown instanceof FatalError && thrown.code === 'TOPIC_MISSING')) throw thrown
    throw new RetriableError(refusal.retriable, `${refusal.what} was created, but no broker shows it yet`, {
      where: { topic },
      hint: 'The cluster is busy; the next attempt checks again',
      cause: thrown,
    })
  })
}

/** How long brokers may take to create a topic, and to see it, ms. */
const [creation, visibility] = [30_000, 60_000]

/** INVALID_PARTITIONS, also of a topic that has as many already. */
const invalidPartitions = 37

/** 0 if that cannot be told now. */
async function partitionsOf(cluster: KafkaCluster, topic: string): Promise<number> {
  const found = withAdmin(cluster, (admin) => admin.fetchTopicMetadata({ topics: [topic] }))
  return found.then(({ topics }) => topics[0]?.partitions.length ?? 0).catch(() => 0)
}

/** INVALID_TOPIC_EXCEPTION */
const invalidTopic = 17

/** INVALID_REPLICATION_FACTOR, INVALID_CONFIG, POLICY_VIOLATION */
const shapes: ReadonlySet<number> = new Set([38, 40, 44])

/**
 * An existing topic whose name Kafka takes for the same one, as with `a.b` and `a_b` in its
 * metrics. kafkajs drops the broker's reason.
 */
async function twinOf(cluster: KafkaCluster, topic: string): Promise<string | undefined> {
  const same = (name: string): string => name.replaceAll('.', '_')
  const names = await withAdmin(cluster, (admin) => admin.listTopics()).catch(() => [])
  return names.find((name) => name !== topic && same(name) === same(topic))
}

function collides(topic: string, twin: string, refusal: Refusal, cause: Error): FatalError {
  return new FatalError(refusal.fatal, `${refusal.what} could not be created: its name collides with topic "${twin}"`, {
    where: { topic },
    hint: "Kafka treats '.' and '_' in topic names as the same character: choose another name for the job, or another transactionalIdPrefix",
    cause,
  })
}

/**
 * Others may add them at the same time. Rejects as `createTopic` does.
 *
 * @param partitions new total
 */
export async function addPartitions(
  cluster: KafkaCluster,
  topic: string,
  partitions: number,
  refusal: Refusal,
): Promise<void> {
  const topicPartitions = [{ topic, count: partitions }]
  await withAdmin(cluster, (admin) => admin.createPartitions({ topicPartitions })).catch(async (thrown) => {
    if (refusalsIn(toError(thrown)).includes(invalidPartitions) && (await partitionsOf(cluster, topic)) >= partitions)
      return
    const alter = `--alter --topic ${topic} --partitions ${partitions}`
    const what = `${refusal.what} needs ${partitions} partitions, and they could not be added`
    throw refused(what, topic, refusal, alter, toError(thrown))
  })
}

function refused(what: string, topic: string, refusal: Refusal, command: string, cause: Error) {
  const codes = refusalsIn(cause)
  // kafkajs says only that there were errors.
  const reason = codes[0] === undefined ? cause.message : brokerErrors.get(codes[0])?.means
  const [message, detail] = [`${what}: ${reason ?? cause.message}`, { where: { topic }, cause }]
  const right = command.startsWith('--create') ? 'Create' : 'Alter'
  const hint = `Grant the user the ACL ${right} on the topic, or run: kafka-topics.sh ${command}`
  return codes.some((code) => brokerError(code, 'CreateTopics', {}).consequence === 'fatal')
    ? new FatalError(refusal.fatal, message, { ...detail, hint })
    : new RetriableError(refusal.retriable, message, detail)
}

/** Broker error numbers in nested kafkajs errors. */
function refusalsIn(thrown: unknown): readonly number[] {
  if (typeof thrown !== 'object' || thrown === null) return []
  const { code, errors, cause } = thrown as { code?: unknown; errors?: readonly unknown[]; cause?: unknown }
  return [...(typeof code === 'number' ? [code] : []), ...[...(errors ?? []), cause].flatMap(refusalsIn)]
}
