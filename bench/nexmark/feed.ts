/** Fills a topic with events, by kafkajs's producer: nothing of rxweft feeds what rxweft reads. */
import { CompressionTypes, Kafka, logLevel } from 'kafkajs'
import { type NexmarkOptions, nexmark } from './generator.ts'

const batch = 2_000

/** Events go to the partitions in turn; each partition has them in the order of their time. */
export async function feed(brokers: string, topic: string, partitions: number, options: NexmarkOptions): Promise<void> {
  const kafka = new Kafka({ brokers: brokers.split(','), clientId: 'nexmark', logLevel: logLevel.ERROR })
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  try {
    let messages: { value: string; partition: number }[] = []
    const send = async (): Promise<void> => {
      await producer.send({ topic, messages, acks: -1, compression: CompressionTypes.None })
      messages = []
    }
    let n = 0
    for (const event of nexmark(options)) {
      messages.push({ value: JSON.stringify(event), partition: n++ % partitions })
      if (messages.length === batch) await send()
    }
    if (messages.length > 0) await send()
  } finally {
    await producer.disconnect()
  }
}
