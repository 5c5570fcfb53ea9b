import { describe, expect, it } from 'vitest'
import { kafkaCluster } from '../../../src/kafka/cluster.ts'
import { kafkaSink } from '../../../src/kafka/sink/kafkaSink.ts'
import type { KafkaSinkOptions } from '../../../src/kafka/sink/kafkaSinkOptions.ts'
import { text } from '../../../src/serde/text.ts'
import { thrownBy } from '../../../tools/support/thrown.ts'

const cluster = kafkaCluster({ brokers: ['localhost:9'] })
const made = (more: object) => () =>
  kafkaSink(cluster, { topic: 't', value: text, ...more } as KafkaSinkOptions<string>)

describe('the options of a Kafka sink', () => {
  const wrong: readonly (readonly [object, says: string])[] = [
    [{ acks: 1 }, "acks is 1, must be 'all'"],
    [{ acks: 0, guarantee: 'none' }, 'acks is 0'],
    [{ guarantee: 'at-most-once' }, 'guarantee is "at-most-once"'],
    [{ compression: 'brotli' }, 'compression is "brotli"'],
    [{ linger: -1 }, 'linger is -1'],
    [{ linger: Number.NaN }, 'linger is NaN'],
    [{ linger: 60_001 }, 'linger'],
    [{ batchBytes: 1_023 }, 'batchBytes'],
    [{ batchBytes: 2 ** 28 + 1 }, 'batchBytes is 268435457, must be a number from 1024 to 268435456'],
    [{ transactionTimeout: 0 }, 'transactionTimeout is 0'],
    [{ transactionTimeout: 2 ** 31 }, 'transactionTimeout'],
    [{ transactionTimeout: 1.5 }, 'transactionTimeout is 1.5'],
    [{ transactionalIdPrefix: '' }, 'transactionalIdPrefix'],
    [{ transactionalIdPrefix: 'a/b' }, 'transactionalIdPrefix is "a/b"'],
    [{ topic: '' }, 'topic'],
    [{ topic: 'a b' }, 'topic is "a b"'],
    [{ topic: undefined }, 'topic'],
    [{ value: undefined }, 'value is missing, must be a codec'],
    [{ key: {} }, 'key is of type object, must be a codec'],
  ]

  it.each(wrong)('%o are refused, with a hint', (more, says) => {
    const error = thrownBy(made(more))
    expect(error).toMatchObject({ code: 'BAD_OPTION', consequence: 'fatal', hint: expect.any(String) })
    expect(error.message).toContain(says)
  })

  const fine: readonly object[] = [
    { acks: 'all' },
    { acks: 1, guarantee: 'at-least-once' },
    { acks: 1, guarantee: 'none' },
    { linger: 0, batchBytes: 1_024, transactionTimeout: 2 ** 31 - 1, transactionalIdPrefix: 'a.b_c-9' },
    { topic: () => 'x' },
    { compression: undefined },
    ...['none', 'gzip', 'snappy', 'lz4', 'zstd'].map((compression) => ({ compression })),
  ]

  it.each(fine)('%o are accepted', (more) => {
    expect(made(more)().guarantee).toBe('guarantee' in more ? more.guarantee : 'exactly-once')
  })

  it('let it run over shards, whatever its guarantee', () => {
    for (const more of fine) expect(made(more)().sharded).toBe(true)
  })

  it('make sinks of one cluster and one set of transaction options share one ledger', () => {
    const ledger = (more: object) => made(more)().ledger
    expect(ledger({})).toBe(ledger({ topic: 'other', linger: 5 }))
    expect(ledger({})).not.toBe(ledger({ transactionTimeout: 9 }))
    expect(ledger({})).not.toBe(ledger({ transactionalIdPrefix: 'other' }))
    expect(ledger({ guarantee: 'none' })).toBeUndefined()
  })
})
