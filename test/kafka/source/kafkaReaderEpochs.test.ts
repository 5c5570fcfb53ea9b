import { describe, expect, it } from 'vitest'
import type { AttemptContext } from '../../../src/attempt.ts'
import type { KafkaCluster } from '../../../src/kafka/cluster.ts'
import type { Connections } from '../../../src/kafka/nodes/connections.ts'
import { kafkaSource } from '../../../src/kafka/source/kafkaSource.ts'
import type { KafkaSourceOptions } from '../../../src/kafka/source/kafkaSourceOptions.ts'
import type { SplitOffset } from '../../../src/record.ts'
import { text } from '../../../src/serde/text.ts'
import { virtualClock } from '../../../src/testing/virtualClock.ts'
import { type Batch, fakeLeaders, leadTopic } from '../fakeLeaders.ts'
import { failing } from './refusing.ts'

const records = (count: number, epoch = 0): Batch[] => Array.from({ length: count }, () => ({ epoch, bytes: 3 }))

function opened(nodes: number, partitions: number, options: Partial<KafkaSourceOptions<string>> = {}) {
  const clock = virtualClock()
  const fake = fakeLeaders(clock, nodes, partitions)
  const ended = new AbortController()
  const failures: unknown[] = []
  const fail = (error: unknown) => {
    failures.push(error)
    ended.abort()
  }
  const attempt = { clock, signal: ended.signal, shard: 0, slots: [0], fail, tell: () => undefined }
  const call: Connections['call'] = (...args) => fake.connections.call(...args)
  const connections = { ...fake.connections, call, close: async () => undefined } as unknown as Connections
  const cluster = { brokers: ['fake:9092'], connect: async () => connections } as unknown as KafkaCluster
  const source = kafkaSource(cluster, { topic: leadTopic, value: text, ...options })
  const offsets: number[] = []

  /** Starts from the position, or as configured, and reads for a while. */
  async function read(position?: readonly SplitOffset[], ms = 10_000) {
    const reader = await source.open(attempt as unknown as AttemptContext)
    let end = false
    const reading = async () => {
      await reader.seek(position ?? (await reader.resolve()))
      for (let found = await reader.poll(); found !== 'end'; found = await reader.poll()) {
        reader.drain((_value, _timestamp, _key, _headers, _split, offset) => void offsets.push(offset), failing)
      }
      end = true
    }
    reading().catch(fail)
    await clock.advanceAsync(ms)
    return { position: reader.position(), end }
  }
  return { clock, fake, failures, offsets, read }
}

const at = (offset: number, leaderEpoch?: number): SplitOffset => {
  return {
    topic: leadTopic,
    topicId: 'id',
    partition: 0,
    offset,
    ...(leaderEpoch === undefined ? {} : { leaderEpoch }),
  }
}

describe('the position of a Kafka reader', () => {
  it('has the leader epoch of the last record that was emitted', async () => {
    const { fake, read, failures } = opened(1, 2)
    fake.partitions[0] = { leader: 1, epoch: 4, log: [...records(3, 2), ...records(2, 4)] }
    const { position } = await read()
    expect(position).toEqual([at(5, 4), { topic: leadTopic, topicId: 'id', partition: 1, offset: 0 }])
    expect(failures).toEqual([])
  })

  it('keeps the epoch that it was given if nothing has come since', async () => {
    const { fake, read } = opened(1, 1)
    fake.partitions[0] = { leader: 1, epoch: 4, log: records(3, 2) }
    expect((await read([at(3, 2)])).position).toEqual([at(3, 2)])
  })

  it('may be one from before epochs were kept', async () => {
    const { fake, read, offsets, failures } = opened(1, 1)
    fake.partitions[0] = { leader: 1, epoch: 4, log: records(5, 4) }
    expect((await read([at(3)])).position).toEqual([at(5, 4)])
    expect([offsets, failures]).toEqual([[3, 4], []])
  })
})

describe('a Kafka reader of a log that was truncated', () => {
  it('stops although the log is longer again than what was read', async () => {
    const { fake, read, offsets, failures } = opened(2, 1)
    fake.partitions[0] = { leader: 2, epoch: 6, log: [...records(6, 3), ...records(9, 6)] }
    await read([at(10, 4)])
    expect(failures).toMatchObject([{ code: 'LOG_TRUNCATED', where: { offset: 10 } }])
    expect(offsets).toEqual([])
  })

  it('stops where it is bounded and its position is just where the log ends now', async () => {
    const { fake, read, failures } = opened(2, 1, { until: 'latest' })
    fake.partitions[0] = { leader: 2, epoch: 6, log: [...records(6, 3), ...records(4, 6)] }
    const { end } = await read([at(10, 4)])
    expect(failures).toMatchObject([{ code: 'LOG_TRUNCATED' }])
    expect(end).toBe(false)
  })

  it('ends if it is bounded, there is nothing new, and the log is the same', async () => {
    const { fake, read, failures } = opened(2, 1, { until: 'latest' })
    fake.partitions[0] = { leader: 2, epoch: 6, log: records(10, 4) }
    expect(await read([at(10, 4)])).toEqual({ end: true, position: [at(10, 4)] })
    expect(failures).toEqual([])
  })

  it('stops if the log is shorter than what was read, and says in which epoch that was', async () => {
    const { fake, read, failures } = opened(2, 1)
    fake.partitions[0] = { leader: 2, epoch: 6, log: records(6, 3) }
    await read([at(10, 4)])
    expect(failures).toMatchObject([{ code: 'OFFSET_OUT_OF_RANGE', consequence: 'fatal', where: { offset: 10 } }])
    expect(String(failures[0])).toContain('the partition has offsets 0 to 6; the last one was read in leader epoch 4')
  })
})

describe('a Kafka reader that meets a leader which has been replaced and does not know it', () => {
  /** Node 1 was paused: it leads in epoch 0, has 5 records, and its metadata say so. Node 2 leads in epoch 1, and has 8. */
  function deposed(options: Partial<KafkaSourceOptions<string>> = {}) {
    const all = opened(2, 1, options)
    const { fake } = all
    fake.partitions[0] = { leader: 1, epoch: 0, log: records(5) }
    fake.outdated.set(1, fake.now())
    fake.partitions[0] = { leader: 2, epoch: 1, log: [...records(5), ...records(3, 1)] }
    const call = fake.connections.call
    fake.connections.call = async (node, api, args, sent) => {
      if (node !== 1 || api.name !== 'ListOffsets') return call(node, api, args, sent)
      const { partitions } = args as unknown as {
        partitions: { partition: number; timestamp: number; leaderEpoch?: number }[]
      }
      return partitions.map(({ partition, timestamp, leaderEpoch = 0 }) => {
        const errorCode = leaderEpoch === 0 ? 0 : 75
        return { topic: leadTopic, partition, timestamp, errorCode, offset: timestamp === -2 ? 0 : 5 }
      }) as never
    }
    fake.instead = (node, _, { partitions }) => {
      const { offset = 0, leaderEpoch = 0 } = partitions[0] ?? {}
      return node !== 1 ? null : { errorCode: leaderEpoch > 0 ? 75 : offset > 5 ? 1 : 0 }
    }
    return all
  }

  it('does not take the end of its log for the end', async () => {
    const { read, offsets, failures } = deposed({ until: 'latest' })
    expect((await read()).end).toBe(true)
    expect(offsets).toHaveLength(8)
    expect(failures).toEqual([])
  })

  it('starts at the latest offset of the true leader', async () => {
    const { read, failures } = deposed({ startFrom: 'latest' })
    expect((await read()).position).toMatchObject([{ offset: 8 }])
    expect(failures).toEqual([])
  })

  it('does not believe that an offset behind its end is out of range', async () => {
    const { read, offsets, failures } = deposed()
    expect((await read([at(7)])).position).toEqual([at(8, 1)])
    expect([offsets, failures]).toEqual([[7], []])
  })
})
