/** Tells whether Kafka allows writing to a topic of this name. */
export function isTopicName(name: unknown): name is string {
  return typeof name === 'string' && /^[\w.-]{1,249}$/.test(name) && !reserved.has(name)
}

/** Names that file systems or the brokers themselves use. */
const reserved: ReadonlySet<string> = new Set(['.', '..', '__consumer_offsets', '__transaction_state'])
