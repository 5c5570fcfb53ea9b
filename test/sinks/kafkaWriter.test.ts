import { describe, expect, it } from 'vitest'
import { createCredits } from '../../src/credits.ts'
import { type AttemptContext, streamRecord } from '../../src/element.ts'
import type { KafkaSession } from '../../src/kafka/session.ts'
import { bytes } from '../../src/serde.ts'
import { kafkaWriter } from '../../src/sinks/kafkaWriter.ts'

const record = (size: number) => streamRecord(Buffer.alloc(size), 0, null, [], { topic: 't', partition: 0 }, 0)

/** A session that keeps the credits which each record is said to hold. */
async function writing() {
  const held: number[] = []
  const credits = createCredits()
  const lane = { append: (...args: readonly unknown[]) => void held.push(args[4] as number) }
  const session: KafkaSession = {
    topic: async () => ({ partitions: 1, maxMessageBytes: Infinity }),
    enlist: () => ({ lane: () => lane, seal: async () => undefined }),
  }
  const attempt = { credits, fail: (error: unknown) => expect.unreachable(String(error)) } as unknown as AttemptContext
  const writer = await kafkaWriter<Buffer>(attempt, session, { topic: 't', value: bytes } as never)
  return { held, credits, writer }
}

describe('the writer of a Kafka sink', () => {
  it('holds one credit for a record, and one more for each 4 KiB', async () => {
    const { held, credits, writer } = await writing()
    for (const size of [0, 100, 3_000, 4_096, 1_048_576]) writer.write(record(size))
    expect(held).toEqual([1, 1, 1, 2, 257])
    expect(credits.inFlight).toBe(262)
  })
})
