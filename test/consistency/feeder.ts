/** Feeds topics a little at a time, without duplicates. */

import { setTimeout as pause } from 'node:timers/promises'
import kafkajs from 'kafkajs'
import type { Fed } from './inputs.ts'

export interface Feeder {
  /** So many records, or what is left; resolves when the broker has them. */
  feed(count: number): Promise<void>
  /**
   * Half of `count` a few records every few ms, the rest one by one, until `until` has settled: a job
   * that has nothing to do takes no checkpoint, and would not come to its next step.
   */
  feedDuring(count: number, until: Promise<unknown>): Promise<void>
  rest(): Promise<void>
  close(): Promise<void>
}

/** @param prefix what the names of the topics begin with */
export async function openFeeder(brokers: string[], prefix: string, input: readonly Fed[]): Promise<Feeder> {
  const kafka = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING })
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false })
  await producer.connect()
  const topics = [...new Set(input.map(({ topic }) => topic))]
  let fed = 0

  async function feed(count: number): Promise<void> {
    const next = input.slice(fed, fed + count)
    fed += next.length
    const topicMessages = topics.map((topic) => ({
      topic: prefix + topic,
      messages: next.filter((record) => record.topic === topic),
    }))
    await producer.sendBatch({ acks: -1, topicMessages })
  }

  return {
    feed,
    async feedDuring(count, until) {
      let over = false
      const end = (): void => {
        over = true
      }
      until.then(end, end)
      for (let left = count; !over; ) {
        const few = left > count / 2 ? 10 : Math.min(left, 1)
        if (few > 0) await feed(few)
        left -= few
        await pause(few > 1 ? 10 : 50)
      }
    },
    async rest() {
      // kafkajs takes a time quadratic in the messages of one call.
      while (fed < input.length) await feed(500)
    },
    close: () => producer.disconnect(),
  }
}
