/** Creates a topic that a job needs for itself: its ledger, or one that it repartitions through. */
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
    throw notCreated(wanted, refusal, toError(thrown))
  })
}

function notCreated({ topic, partitions, configEntries }: NewTopic, refusal: Refusal, cause: Error) {
  const create =
    `Allow this user to create it, or create it: kafka-topics.sh --create --topic ${topic} --partitions ${partitions} ` +
    configEntries.map(({ name, value }) => `--config ${name}=${value}`).join(' ')
  const what = `${refusal.what} does not exist and could not be created: ${cause.message}`
  const detail = { where: { topic }, cause }
  return refusalsIn(cause).some((code) => brokerError(code, 'CreateTopics', {}).consequence === 'fatal')
    ? new FatalError(refusal.fatal, what, { ...detail, hint: create })
    : new RetriableError(refusal.retriable, what, detail)
}

/** The error numbers of brokers in an error of kafkajs's, which wraps them in one another. */
function refusalsIn(thrown: unknown): readonly number[] {
  if (typeof thrown !== 'object' || thrown === null) return []
  const { code, errors, cause } = thrown as { code?: unknown; errors?: readonly unknown[]; cause?: unknown }
  return [...(typeof code === 'number' ? [code] : []), ...[...(errors ?? []), cause].flatMap(refusalsIn)]
}
