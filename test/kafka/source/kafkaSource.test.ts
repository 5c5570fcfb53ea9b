import { describe, expect, it } from 'vitest'
import { kafkaCluster } from '../../../src/kafka/cluster.ts'
import { kafkaSource } from '../../../src/kafka/source/kafkaSource.ts'
import type { KafkaSourceOptions } from '../../../src/kafka/source/kafkaSourceOptions.ts'
import { text } from '../../../src/serde/text.ts'
import { thrownBy } from '../../../tools/support/thrown.ts'

const cluster = kafkaCluster({ brokers: ['localhost:9'] })
const made = (more: object) => () =>
  kafkaSource(cluster, { topic: 't', value: text, ...more } as KafkaSourceOptions<string>)

describe('the options of a Kafka source', () => {
  const wrong: readonly (readonly [object, says: string])[] = [
    [{ topic: undefined }, 'topic'],
    [{ topics: ['a'] }, 'either'],
    [{ topic: undefined, topics: [] }, 'topics'],
    [{ topic: undefined, topics: ['a', 'a'] }, 'twice'],
    [{ topic: 'a b' }, 'a b'],
    [{ value: undefined }, 'value is no codec'],
    [{ value: () => 1 }, 'value is no codec'],
    [{ key: 'text' }, 'key is no codec'],
    [{ maxInFlight: 0 }, 'maxInFlight: 0'],
    [{ maxInFlight: Number.NaN }, 'maxInFlight'],
    [{ groupId: '' }, 'groupId'],
    [{ discoveryInterval: 0 }, 'discoveryInterval: 0'],
    [{ discoveryInterval: 2 ** 31 }, 'discoveryInterval'],
    [{ until: 'end' }, 'until: end'],
    [{ startFrom: 'beginning' }, 'startFrom: "beginning"'],
    [{ startFrom: { timestamp: Number.NaN } }, 'startFrom'],
    [{ startFrom: { timestamp: '2024' } }, 'startFrom'],
    [{ startFrom: { offset: 3 } }, 'startFrom'],
    [{ startFrom: [{ topic: 't', partition: 0, offset: -1 }] }, 'startFrom'],
    [{ startFrom: null }, 'startFrom'],
  ]

  it.each(wrong)('%o are refused, with a hint', (more, says) => {
    const error = thrownBy(made(more))
    expect(error).toMatchObject({ code: 'BAD_OPTION', consequence: 'fatal', hint: expect.any(String) })
    expect(error.message).toContain(says)
  })

  const fine: readonly object[] = [
    {},
    { topic: undefined, topics: ['a', 'b'] },
    { startFrom: 'latest', until: 'latest', groupId: 'g', discoveryInterval: 1, maxInFlight: 1 },
    { startFrom: { timestamp: 0 } },
    { startFrom: [] },
    { startFrom: [{ topic: 't', partition: 0, offset: 0 }] },
  ]

  it.each(fine)('%o are accepted', (more) => {
    expect(made(more)().id).toMatch(/^kafkaSource:/)
  })
})
