/** Feeds a topic without duplicates: an idempotent producer, one request at a time. */
import kafkajs from 'kafkajs'
import type { NumberedLine } from '../../examples/demo/ground.ts'

export interface Feeder {
  /** Resolves when the broker has them all. */
  send(lines: readonly NumberedLine[]): Promise<void>
  close(): Promise<void>
}

export async function feeder(broker: string, topic: string): Promise<Feeder> {
  const kafka = new kafkajs.Kafka({ brokers: [broker], logLevel: kafkajs.logLevel.NOTHING })
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false })
  await producer.connect()
  return {
    async send(lines) {
      // kafkajs takes a time quadratic in the messages of one call.
      for (let from = 0; from < lines.length; from += 500) {
        const messages = lines.slice(from, from + 500).map(({ partition, text }) => ({ partition, value: text }))
        await producer.send({ topic, acks: -1, messages })
      }
    },
    close: () => producer.disconnect(),
  }
}
