/**
 * Protocol v1: a coordinator that was replaced and does not know it still has the last transaction of an id in its memory, at the
 * same epoch, and answers OK to an EndTxn that is about the next one. Too rare for schedules by chance, so it is arranged here.
 */
import { expect, it } from 'vitest'
import { createBatchBuilder } from '../../src/kafka/batch/batchBuilder.ts'
import { leaders } from '../../src/kafka/nodes/leaders.ts'
import { type Producer, producer } from '../../src/kafka/sending/producer.ts'
import { brokers } from './broker/brokers.ts'
import { moods } from './broker/moods.ts'
import { agenda } from './core/agenda.ts'
import { simulatedProcess } from './core/process.ts'
import { seededRandom } from './core/random.ts'
import { loadRxweft } from './core/rxweft.ts'
import { trace } from './core/trace.ts'
import { simulatedCluster } from './network/cluster.ts'
import { noFaults } from './network/faultRates.ts'

async function send(to: Producer): Promise<void> {
  const builder = createBatchBuilder({ compression: 'none' })
  builder.append(0, null, Buffer.from('x'), [])
  await to.send([{ topic: 'topic', partition: 0, builder }])
}

it('protocol v1: an OK of a coordinator that was replaced is not believed', async () => {
  const time = agenda()
  const random = seededRandom(1)
  const committed: string[] = []
  const all = brokers({
    ...{ agenda: time, random, trace: trace(time.now, false), moods: moods(random), nodes: 2 },
    decided: ({ id }, commits) => commits && committed.push(id),
  })
  const { topology, controller, transactions } = all.shared
  const process = simulatedProcess('test', time)
  const cluster = simulatedCluster({
    ...{ rxweft: await loadRxweft(), brokers: all, process, rates: noFaults, aimed: new Map() },
    ...{ reaches: () => true, requestTimeout: 1_000, transactionVersion: 1 },
  })
  topology.create('topic', 1)
  const key = 'transaction id'
  const ended = new AbortController()

  const story = async () => {
    const connections = await cluster.connect('test')
    let asked: number | null = null
    const misled = { ...connections, coordinator: async () => asked ?? topology.coordinator(key) }
    const attempt = { clock: process.clock, signal: ended.signal }
    const identity = { transactionalId: 'id', transactionTimeout: 60_000, acks: -1 } as const
    const one = producer(attempt, misled, leaders(attempt, connections), identity)
    await one.init()
    await send(one)
    await one.commit()
    while (transactions.all.get('id')?.state !== 'CompleteCommit')
      await new Promise((r) => time.after(10, () => r(null)))
    // It hears nothing from now on, and the others choose another one.
    const old = topology.coordinator(key)
    controller.isolate(topology.nodes[old - 1] as (typeof topology.nodes)[number], false)
    controller.moveCoordinator(key)
    expect(topology.coordinator(key)).not.toBe(old)
    await send(one)
    asked = old
    const work = one.commit()
    time.after(200, () => {
      asked = null
    })
    return work.then(
      () => 'committed',
      (error) => error.code,
    )
  }

  let outcome: string | null = null
  story().then((end) => {
    outcome = end
  })
  await time.runUntil(() => outcome !== null, 60_000)
  expect(outcome).toBe('PRODUCER_FENCED')
  expect(committed).toEqual(['id'])
})
