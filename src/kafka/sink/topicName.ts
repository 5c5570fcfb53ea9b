/** What Kafka allows as the name of a topic to write to. */
export function isTopicName(name: unknown): name is string {
  return typeof name === 'string' && /^[\w.-]{1,249}$/.test(name) && !reserved.has(name)
}

/** What file systems use, and what the brokers write to themselves. */
const reserved: ReadonlySet<string> = new Set(['.', '..', '__consumer_offsets', '__transaction_state'])
