/** Creates a topic that a job needs for itself, its ledger or one that it repartitions through, or the partitions that such a topic lacks. */
import { FatalError, RetriableError, toError } from '../errors.ts'
import { brokerError } from './brokerErrors.ts'
import type { KafkaCluster } from './cluster.ts'
import { withAdmin } from './withAdmin.ts'

export interface NewTopic {
  readonly topic: string
  readonly partitions: number
  readonly configEntries: readonly { readonly name: string; readonly value: string }[]
}

/** What to call it when it cannot be created. */
export interface Refusal {
  /** Codes, by consequence. */
  readonly fatal: string
  readonly retriable: string
  /** "the ledger topic" */
  readonly what: string
}

/**
 * False: it is there already. Rejects with Fatal where the cluster has refused for good; whatever else is in the way, such as a broker that
 * restarts, may be over soon, and is Retriable.
 */
export async function createTopic(cluster: KafkaCluster, wanted: NewTopic, refusal: Refusal): Promise<boolean> {
  const { topic, partitions, configEntries } = wanted
  const topics = [{ topic, numPartitions: partitions, replicationFactor: -1, configEntries: [...configEntries] }]
  // That it exists already is no error of kafkajs's.
  return withAdmin(cluster, (admin) => admin.createTopics({ topics, waitForLeaders: false })).catch((thrown) => {
    const settings = configEntries.map(({ name, value }) => `--config ${name}=${value}`).join(' ')
    const create = `--create --topic ${topic} --partitions ${partitions} ${settings}`
    throw refused(`${refusal.what} does not exist and could not be created`, topic, refusal, create, toError(thrown))
  })
}

/** `partitions`: how many there are to be. Rejects as `createTopic`. */
export async function addPartitions(
  cluster: KafkaCluster,
  topic: string,
  partitions: number,
  refusal: Refusal,
): Promise<void> {
  const topicPartitions = [{ topic, count: partitions }]
  await withAdmin(cluster, (admin) => admin.createPartitions({ topicPartitions })).catch((thrown) => {
    const alter = `--alter --topic ${topic} --partitions ${partitions}`
    const what = `${refusal.what} needs ${partitions} partitions, and they could not be added`
    throw refused(what, topic, refusal, alter, toError(thrown))
  })
}

function refused(what: string, topic: string, refusal: Refusal, command: string, cause: Error) {
  const [message, detail] = [`${what}: ${cause.message}`, { where: { topic }, cause }]
  const hint = `Allow this user to do that, or do it: kafka-topics.sh ${command}`
  return refusalsIn(cause).some((code) => brokerError(code, 'CreateTopics', {}).consequence === 'fatal')
    ? new FatalError(refusal.fatal, message, { ...detail, hint })
    : new RetriableError(refusal.retriable, message, detail)
}

/** The error numbers of brokers in an error of kafkajs's, which wraps them in one another. */
function refusalsIn(thrown: unknown): readonly number[] {
  if (typeof thrown !== 'object' || thrown === null) return []
  const { code, errors, cause } = thrown as { code?: unknown; errors?: readonly unknown[]; cause?: unknown }
  return [...(typeof code === 'number' ? [code] : []), ...[...(errors ?? []), cause].flatMap(refusalsIn)]
}
