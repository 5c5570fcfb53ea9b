import { describe, expect, it } from 'vitest'
import type { AttemptContext } from '../../../src/attempt.ts'
import type { SourceReader } from '../../../src/contracts/source.ts'
import { RetriableError } from '../../../src/errors.ts'
import type { KafkaCluster } from '../../../src/kafka/cluster.ts'
import { purging } from '../../../src/kafka/repartition/purge.ts'
import type { SplitOffset } from '../../../src/record.ts'
import { settle, virtualClock } from '../../../src/testing/virtualClock.ts'

const splits = [{ topic: 't', partition: 0, offset: 7 }]

/** A reader, all of whose removals fail, once the gate is open. */
function failing(interval: number) {
  const clock = virtualClock()
  let [tries, open] = [0, (): void => undefined]
  const cluster = {
    async connect() {
      tries++
      await new Promise<void>((resolve) => {
        open = resolve
      })
      throw new RetriableError('BROKERS_UNREACHABLE', 'nobody is there')
    },
  } as unknown as KafkaCluster
  const attempt = { clock } as unknown as AttemptContext
  const reader = purging({} as SourceReader<string>, attempt, cluster, 't', interval)
  const release = () => (reader.release?.(splits) ?? []).map((error) => (error as RetriableError).code)
  return { clock, release, tries: () => tries, open: () => open() }
}

describe('purging', () => {
  /** Partitions 0 and 1 are led by 1, partition 2 by 2. @param errorCode of partition 1 */
  function working(errorCode = 0) {
    const clock = virtualClock()
    const requests: string[] = []
    let closed = 0
    const call = async (node: number, _: unknown, its: readonly SplitOffset[]) => {
      requests.push(`${node}: ${its.map(({ partition, offset }) => `${partition} before ${offset}`).join(', ')}`)
      return its.map((one) => ({ ...one, errorCode: one.partition === 1 ? errorCode : 0 }))
    }
    const topic = {
      ...{ errorCode: 0, name: 't', topicId: 'id' },
      partitions: [1, 1, 2].map((leader, partition) => ({ errorCode: 0, partition, leader, leaderEpoch: 0 })),
    }
    const metadata = async () => ({ brokers: [], controller: 1, topics: [topic] })
    const connections = { call, metadata, close: async () => void closed++ }
    const cluster = { connect: async () => connections } as unknown as KafkaCluster
    const attempt = { clock, signal: new AbortController().signal } as unknown as AttemptContext
    const reader = purging({} as SourceReader<string>, attempt, cluster, 't', 1_000)
    const release = (its: readonly SplitOffset[]) =>
      (reader.release?.(its) ?? []).map((error) => (error as RetriableError).code)
    return { clock, requests, release, closed: () => closed }
  }

  const all = [7, 0, 9].map((offset, partition) => ({ topic: 't', partition, offset }))

  it('removes what has been read of each partition, at its leader, and nothing if nothing has been read', async () => {
    const { clock, requests, release, closed } = working()
    clock.advance(1_000)
    release(all)
    await settle()
    expect([requests, closed()]).toEqual([['1: 0 before 7', '2: 2 before 9'], 1])
    clock.advance(999)
    release(all)
    await settle()
    expect(requests).toHaveLength(2)
    clock.advance(1)
    release(all.map((one) => ({ ...one, offset: 0 })))
    await settle()
    expect(requests).toHaveLength(2)
    release(all.slice(0, 1))
    await settle()
    expect(requests).toHaveLength(3)
  })

  it('tells of the partitions that were refused', async () => {
    const { clock, release } = working(29)
    clock.advance(1_000)
    release(all.map((one) => ({ ...one, offset: 5 })))
    await settle()
    expect(release([])).toEqual(['TOPIC_AUTHORIZATION_FAILED'])
  })
})

describe('purging what has been read', () => {
  it('is tried now and then, and tells at the next checkpoint what has failed, once', async () => {
    const { clock, release, tries, open } = failing(1_000)
    expect(release()).toEqual([])
    expect(tries()).toBe(0)
    clock.advance(1_000)
    expect(release()).toEqual([])
    expect(tries()).toBe(1)
    open()
    await settle()
    expect(release()).toEqual(['BROKERS_UNREACHABLE'])
    expect(release()).toEqual([])
    clock.advance(1_000)
    release()
    expect(tries()).toBe(2)
  })

  it('is not tried again while it is under way', () => {
    const { clock, release, tries } = failing(1_000)
    for (let turn = 0; turn < 3; turn++) {
      clock.advance(1_000)
      release()
    }
    expect(tries()).toBe(1)
  })
})
