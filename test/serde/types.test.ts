import type { Buffer } from 'node:buffer'
import * as t from 'io-ts'
import * as v from 'valibot'
import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import type { Source } from '../../src/contracts/source.ts'
import type { EmbeddedLog } from '../../src/embedded/embeddedLog.ts'
import { embeddedSink } from '../../src/embedded/embeddedSink.ts'
import { embeddedSource } from '../../src/embedded/embeddedSource.ts'
import { defineJob } from '../../src/job/defineJob.ts'
import type { KafkaCluster } from '../../src/kafka/cluster.ts'
import { kafkaSink } from '../../src/kafka/sink/kafkaSink.ts'
import { kafkaSource } from '../../src/kafka/source/kafkaSource.ts'
import { map } from '../../src/operators/map.ts'
import { to } from '../../src/operators/to.ts'
import { bytes } from '../../src/serde/bytes.ts'
import { serdeOf } from '../../src/serde/codec.ts'
import { json } from '../../src/serde/json.ts'
import { messagePack } from '../../src/serde/messagePack.ts'
import { nullable } from '../../src/serde/nullable.ts'
import type { Serde } from '../../src/serde/serde.ts'
import { text } from '../../src/serde/text.ts'

interface Order {
  id: string
  price: number
}

const zod = z.object({ id: z.string(), price: z.coerce.number() })
const valibot = v.object({ id: v.string(), price: v.pipe(v.string(), v.transform(Number)) })
const ioTs = t.type({ id: t.string, price: t.number })

/** These are judged by the compiler (`npm run types`); what they describe is never run. */
const judged = (_: (kafka: KafkaCluster, log: EmbeddedLog) => unknown): void => undefined

describe('types follow from the codec', () => {
  it('as what it reads', () => {
    expectTypeOf(serdeOf(zod)).toEqualTypeOf<Serde<Order>>()
    expectTypeOf(serdeOf(valibot)).toEqualTypeOf<Serde<Order>>()
    expectTypeOf(serdeOf(ioTs)).toEqualTypeOf<Serde<Order>>()
    expectTypeOf(serdeOf(text)).toEqualTypeOf<Serde<string>>()
    expectTypeOf(json<Order>()).toEqualTypeOf<Serde<Order>>()
    expectTypeOf(json(zod)).toEqualTypeOf<Serde<Order>>()
    expectTypeOf(messagePack(ioTs)).toEqualTypeOf<Serde<Order>>()
    expectTypeOf(nullable(zod)).toEqualTypeOf<Serde<Order | null>>()
    expectTypeOf(nullable(bytes)).toEqualTypeOf<Serde<Buffer | null>>()
    expectTypeOf(serdeOf(z.codec(z.string(), z.number(), { decode: Number, encode: String }))).toEqualTypeOf<
      Serde<number>
    >()
    // @ts-expect-error: an io-ts codec that reads strings only is not given strings
    serdeOf(new t.Type<number, string, string>('N', t.number.is, t.number.validate, String))
  })

  it('in sources', () => {
    judged((kafka, log) => {
      expectTypeOf(kafkaSource(kafka, { topic: 'a', value: zod })).toEqualTypeOf<Source<Order>>()
      expectTypeOf(kafkaSource(kafka, { topic: 'a', value: valibot, key: text })).toEqualTypeOf<Source<Order>>()
      expectTypeOf(kafkaSource(kafka, { topic: 'a', value: ioTs, key: z.string() })).toEqualTypeOf<Source<Order>>()
      expectTypeOf(kafkaSource(kafka, { topic: 'a', value: json<Order>(), key: t.number })).toEqualTypeOf<
        Source<Order>
      >()
      expectTypeOf(embeddedSource(log, { topic: 'a', value: zod })).toEqualTypeOf<Source<Order>>()
      // @ts-expect-error: a function is no codec
      kafkaSource(kafka, { topic: 'a', value: (read: Buffer) => read.toString() })
    })
  })

  it('and a sink refuses what its codec does not', () => {
    judged((kafka, log) =>
      defineJob('j', ({ from }) => {
        const orders = from(kafkaSource(kafka, { topic: 'a', value: zod }))
        const ids = orders.pipe(map(({ id }) => id))
        // @ts-expect-error: strings are no orders
        ids.pipe(to(kafkaSink(kafka, { topic: 'b', value: zod })))
        // @ts-expect-error: orders are no strings
        orders.pipe(to(embeddedSink(log, { topic: 'b', value: text })))
        // @ts-expect-error: { id, price } has no other name
        orders.pipe(map(({ name }) => name))
        return [
          ids.pipe(to(kafkaSink(kafka, { topic: 'b', value: text, key: text }))),
          orders.pipe(to(kafkaSink(kafka, { topic: 'b', value: valibot, key: z.string() }))),
          orders.pipe(to(embeddedSink(log, { topic: 'b', value: ioTs, key: t.number }))),
        ]
      }),
    )
  })
})
