import { expect, it } from 'vitest'
import { createBatchBuilder } from '../../../src/kafka/batch/batchBuilder.ts'
import { at } from '../../../src/kafka/batch/layout.ts'
import type { Connections } from '../../../src/kafka/nodes/connections.ts'
import type { Leaders } from '../../../src/kafka/nodes/leaders.ts'
import { initProducerId } from '../../../src/kafka/protocol/initProducerId.ts'
import { type ProduceArgs, produce } from '../../../src/kafka/protocol/produce.ts'
import { apart } from '../../../src/kafka/sending/apart.ts'
import { virtualClock } from '../../../src/testing/virtualClock.ts'

const [denied, fine] = [29, 0]

/** A broker that answers the requests of each name with these codes in turn, and then with 0. */
function brokerOf(codes: Readonly<Record<string, number[]>>) {
  /** Producer id and first sequence number of each batch. */
  const sent: (readonly [id: number, sequence: number])[] = []
  let ids = 6

  async function call(_: unknown, api: { readonly name: string }, args: unknown): Promise<unknown> {
    const errorCode = codes[api.name]?.shift() ?? fine
    if (api.name === initProducerId.name) return { errorCode, producerId: ++ids, producerEpoch: 0 }
    return (args as ProduceArgs).batches.map(({ topic, partition, records }) => {
      sent.push([Number(records.readBigInt64BE(at.producerId)), records.readInt32BE(at.baseSequence)])
      return { topic, partition, errorCode, errorMessage: null, baseOffset: 0, refused: [] }
    })
  }

  const connections = { requestTimeout: 1_000, transactionVersion: 2, call } as unknown as Connections
  const leaders = { topic: async () => ({}), leader: () => 1, refresh: async () => undefined } as unknown as Leaders
  const attempt = { clock: virtualClock(), signal: new AbortController().signal }
  const send = apart(attempt, connections, leaders)
  return {
    sent,
    send() {
      const builder = createBatchBuilder({ compression: 'none' })
      builder.append(0, null, Buffer.from('x'), [])
      return send([{ topic: 'topic', partition: 0, builder }])
    },
  }
}

it('records are sent under one producer id', async () => {
  const { send, sent } = brokerOf({})
  await send()
  await send()
  expect(sent).toEqual([
    [7, 0],
    [7, 1],
  ])
})

it('records after a failure are sent under another producer id', async () => {
  const { send, sent } = brokerOf({ [produce.name]: [fine, denied] })
  await send()
  await expect(send()).rejects.toMatchObject({ code: 'TOPIC_AUTHORIZATION_FAILED' })
  await send()
  expect(sent).toEqual([
    [7, 0],
    [7, 1],
    [8, 0],
  ])
})

it('a producer id that was refused is asked for again', async () => {
  const { send, sent } = brokerOf({ [initProducerId.name]: [denied] })
  await expect(send()).rejects.toMatchObject({ code: 'TOPIC_AUTHORIZATION_FAILED' })
  await send()
  expect(sent).toEqual([[8, 0]])
})
