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
    [{ topics: ['a'] }, 'exactly one of topic and topics'],
    [{ topic: undefined, topics: [] }, 'topics'],
    [{ topic: undefined, topics: ['a', 'a'] }, 'twice'],
    [{ topic: 'a b' }, 'a b'],
    [{ value: undefined }, 'value is missing, must be a codec'],
    [{ value: () => 1 }, 'value is of type function, must be a codec'],
    [{ key: 'text' }, 'key is of type string, must be a codec'],
    [{ maxInFlight: 0 }, 'maxInFlight is 0'],
    [{ maxInFlight: Number.NaN }, 'maxInFlight'],
    [{ groupId: '' }, 'groupId'],
    [{ discoveryInterval: 0 }, 'discoveryInterval is 0'],
    [{ discoveryInterval: 2 ** 31 }, 'discoveryInterval'],
    [{ until: 'end' }, 'until is "end"'],
    [{ startFrom: 'beginning' }, 'startFrom is "beginning"'],
    [{ startFrom: { timestamp: Number.NaN } }, 'startFrom'],
    [{ startFrom: { timestamp: '2024' } }, 'startFrom'],
    [{ startFrom: { offset: 3 } }, 'startFrom'],
    [{ startFrom: { timestamp: 5, end: 7 } }, 'there is no option "startFrom.end"'],
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
