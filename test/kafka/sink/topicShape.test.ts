import { describe, expect, it } from 'vitest'
import { RetriableError } from '../../../src/errors.ts'
import type { Connections } from '../../../src/kafka/nodes/connections.ts'
import type { Leaders } from '../../../src/kafka/nodes/leaders.ts'
import { describeConfigs } from '../../../src/kafka/protocol/describeConfigs.ts'
import { partitionCounts, topicShape } from '../../../src/kafka/sink/topicShape.ts'

type Config = Readonly<Record<string, string>>

const usual: Config = {
  'max.message.bytes': '1048588',
  'retention.ms': '604800000',
  'cleanup.policy': 'delete',
  'message.timestamp.type': 'CreateTime',
}

/** @param config null: the right to read it is missing */
function connectionsWith(config: Config | null, ...before: readonly Error[]): Pick<Connections, 'call'> {
  const failures = [...before]
  return {
    async call(node, api) {
      expect([node, api]).toEqual(['any', describeConfigs])
      const failure = failures.shift()
      if (failure !== undefined) throw failure
      const errorCode = config === null ? topicAuthorizationFailed : 0
      return { errorCode, values: new Map(Object.entries(config ?? {})) } as never
    },
  }
}

const topicAuthorizationFailed = 29

const counts = new Map([
  ['one', 1],
  ['three', 3],
])
const leaders = {
  refresh: async () => undefined,
  async topic(name: string) {
    const count = counts.get(name)
    if (count === undefined) throw new Error('there is no such topic')
    return { name, partitions: Array.from({ length: count }) }
  },
} as unknown as Leaders

const shape = (config: Config | null, ...before: readonly Error[]) =>
  topicShape(connectionsWith(config, ...before), leaders, 'three')

describe('the shape of a topic', () => {
  it('has its partitions, its largest message, and how long it keeps records by their timestamps', async () => {
    expect(await shape(usual)).toEqual({ partitions: 3, maxMessageBytes: 1_048_588, retention: 604_800_000 })
    expect(await shape({ ...usual, 'cleanup.policy': 'compact,delete' })).toMatchObject({ retention: 604_800_000 })
    expect(await shape({ ...usual, 'retention.ms': '0' })).toMatchObject({ retention: 0 })
  })

  it('has the compression that brokers give to its records, if they do', async () => {
    expect((await shape({ ...usual, 'compression.type': 'producer' })).compression).toBeUndefined()
    expect((await shape({ ...usual, 'compression.type': 'gzip' })).compression).toBe('gzip')
    expect((await shape({ ...usual, 'compression.type': 'uncompressed' })).compression).toBe('none')
    expect((await shape(null)).compression).toBeUndefined()
  })

  it.each<readonly [string, Config]>([
    ['it only compacts', { 'cleanup.policy': 'compact' }],
    ['it keeps everything', { 'retention.ms': '-1' }],
    ['the broker dates its records', { 'message.timestamp.type': 'LogAppendTime' }],
  ])('has no retention where %s', async (_, config) => {
    expect((await shape({ ...usual, ...config })).retention).toBeUndefined()
  })

  it('has no limits if the configuration may not be read', async () => {
    expect(await shape(null)).toEqual({ partitions: 3, maxMessageBytes: Infinity, retention: undefined })
  })

  it('is asked of another broker where one does not answer', async () => {
    const lost = new RetriableError('CONNECTION_LOST', 'a broker has died')
    expect(await shape(usual, lost, lost)).toMatchObject({ maxMessageBytes: 1_048_588 })
  })

  it('has no limits if the connections are closed, or no broker answers', async () => {
    const closed = new RetriableError('CONNECTION_CLOSED', 'the attempt is over')
    expect(await shape(usual, closed)).toMatchObject({ maxMessageBytes: Infinity })
    const lost = new RetriableError('CONNECTION_LOST', 'a broker has died')
    expect(await shape(usual, ...Array(5).fill(lost))).toMatchObject({ maxMessageBytes: Infinity })
  })

  it('is known of those topics that the cluster has at the moment', async () => {
    expect([...(await partitionCounts(leaders, ['one', 'gone', 'three']))]).toEqual([...counts])
  })
})
