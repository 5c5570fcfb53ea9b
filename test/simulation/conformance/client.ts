/** A client that sends what a script tells it, whatever a sane one would do, and writes down what comes back. */

import { addPartitionsToTxn } from '../../../src/kafka/protocol/addPartitionsToTxn.ts'
import { endTxn } from '../../../src/kafka/protocol/endTxn.ts'
import { type FetchedPartition, fetch } from '../../../src/kafka/protocol/fetch.ts'
import { initProducerId } from '../../../src/kafka/protocol/initProducerId.ts'
import { type Isolation, type ListedOffset, latest, listOffsets } from '../../../src/kafka/protocol/listOffsets.ts'
import { type ProducedPartition, produce } from '../../../src/kafka/protocol/produce.ts'
import { txnOffsetCommit } from '../../../src/kafka/protocol/txnOffsetCommit.ts'
import { oneRecord, valuesOf } from '../../kafka/oneRecord.ts'
import type { Ground } from './ground.ts'

export interface Identity {
  readonly id: string
  readonly producerId: number
  readonly producerEpoch: number
}

export interface Client {
  /** What came back so far: who asked for what, and the answer. */
  readonly seen: readonly (readonly [what: string, answer: unknown])[]
  note(what: string, answer: unknown): void
  /** A new epoch, as soon as there is one. */
  init(id: string, claim?: Identity, timeout?: number): Promise<Identity>
  /** The error number, asked again for as long as it is 51. */
  append(
    who: Identity,
    topic: string,
    value: string,
    sequence: number,
    how?: { partition?: number; v1?: boolean },
  ): Promise<number>
  /** The same, with the whole answer. */
  produced(...append: Parameters<Client['append']>): Promise<ProducedPartition | undefined>
  end(who: Identity, committed: boolean, v1?: boolean): Promise<number>
  /** The same, and what the producer goes on with. */
  ended(who: Identity, committed: boolean, v1?: boolean): Promise<Identity & { readonly errorCode: number }>
  add(who: Identity, topic: string, partition?: number): Promise<number>
  commitOffsets(who: Identity, topic: string, v1?: boolean): Promise<number>
  read(topic: string, offset?: number, topicId?: string, isolation?: Isolation): Promise<FetchedPartition>
  endOf(topic: string, isolation: Isolation): Promise<number>
  listed(topic: string, isolation: Isolation): Promise<ListedOffset | undefined>
  /** As metadata has it. */
  leaderEpoch(topic: string): Promise<number>
  /** Until what is written is decided up to here. */
  stable(topic: string, offset: number): Promise<void>
}

const busy = new Set([14, 15, 16, 51])

export function client({ connections, pause }: Ground): Client {
  const seen: (readonly [string, unknown])[] = []

  async function patiently<R>(ask: () => Promise<R>, code: (answer: R) => number): Promise<R> {
    for (let tries = 0; ; tries++) {
      const answer = await ask()
      if (!busy.has(code(answer)) || tries > 200) return answer
      await pause(20)
    }
  }

  async function coordinator(type: 'transaction' | 'group', key: string): Promise<number> {
    for (;;) {
      const found = await connections.coordinator(type, key).catch(() => null)
      if (found !== null) return found
      await pause(50)
    }
  }

  async function leader(topic: string, partition = 0) {
    const [found] = (await connections.metadata([topic])).topics
    const { leader: node = -1, leaderEpoch = -1 } = found?.partitions[partition] ?? {}
    return { node, leaderEpoch, topicId: found?.topicId ?? '' }
  }

  const self: Client = {
    seen,
    note: (what, answer) => void seen.push([what, answer]),
    async init(transactionalId, claim, transactionTimeout = 60_000) {
      const { producerId = -1, producerEpoch = -1 } = claim ?? {}
      const args = { transactionalId, transactionTimeout, producerId, producerEpoch }
      const node = await coordinator('transaction', transactionalId)
      const answer = await patiently(
        () => connections.call(node, initProducerId, args),
        ({ errorCode }) => errorCode,
      )
      seen.push(['InitProducerId', answer.errorCode])
      return { id: transactionalId, producerId: answer.producerId, producerEpoch: answer.producerEpoch }
    },
    append: async (...append) => (await self.produced(...append))?.errorCode ?? -1,
    async produced({ id, ...identity }, topic, value, baseSequence, { partition = 0, v1 = false } = {}) {
      const records = oneRecord(value, { ...identity, baseSequence, transactional: true })
      const args = { transactionalId: id, acks: -1 as const, timeout: 10_000, batches: [{ topic, partition, records }] }
      const { node } = await leader(topic, partition)
      const ask = () => connections.call(node, produce, args, v1 ? { maxVersion: 11 } : {})
      return (await patiently(ask, ([one]) => one?.errorCode ?? -1))[0]
    },
    end: (who, committed, v1) => self.ended(who, committed, v1).then(({ errorCode }) => errorCode),
    async ended({ id, producerId, producerEpoch }, committed, v1 = false) {
      const args = { transactionalId: id, producerId, producerEpoch, committed }
      const node = await coordinator('transaction', id)
      const ask = () => connections.call(node, endTxn, args, v1 ? { maxVersion: 4 } : {})
      return { id, ...(await patiently(ask, ({ errorCode }) => errorCode)) }
    },
    async add({ id, producerId, producerEpoch }, topic, partition = 0) {
      const args = { transactionalId: id, producerId, producerEpoch, partitions: [{ topic, partition }] }
      const node = await coordinator('transaction', id)
      const ask = () => connections.call(node, addPartitionsToTxn, args)
      return (await patiently(ask, ([one]) => one?.errorCode ?? -1))[0]?.errorCode ?? -1
    },
    async commitOffsets({ id, producerId, producerEpoch }, topic, v1 = false) {
      const offsets = [{ topic, partition: 0, offset: 1 }]
      const args = { transactionalId: id, groupId: id, producerId, producerEpoch, offsets }
      const node = await coordinator('group', id)
      const ask = () => connections.call(node, txnOffsetCommit, args, v1 ? { maxVersion: 4 } : {})
      return (await patiently(ask, ([one]) => one?.errorCode ?? -1))[0]?.errorCode ?? -1
    },
    async read(topic, offset = 0, topicId, isolation = 'read_committed') {
      const where = await leader(topic)
      const wanted = { topic, topicId: topicId ?? where.topicId, partition: 0, offset, maxBytes: 1_000_000 }
      const args = { maxWait: 0, minBytes: 0, maxBytes: 1_000_000, partitions: [wanted], isolation }
      return (await connections.call(where.node, fetch, args))[0] as FetchedPartition
    },
    endOf: async (topic, isolation) => (await self.listed(topic, isolation))?.offset ?? -1,
    async listed(topic, isolation) {
      const args = { isolation, partitions: [{ topic, partition: 0, timestamp: latest }] }
      return (await connections.call((await leader(topic)).node, listOffsets, args))[0]
    },
    leaderEpoch: async (topic) => (await leader(topic)).leaderEpoch,
    async stable(topic, offset) {
      for (let tries = 0; tries < 1_500 && (await self.endOf(topic, 'read_committed')) < offset; tries++)
        await pause(20)
    },
  }
  return self
}

/** What there is to see in a partition: values, and which of them are in aborted transactions, by producers in order of appearance. */
export async function shown(asked: Client, topic: string, producers: readonly Identity[], isolation?: Isolation) {
  const answer = await asked.read(topic, 0, undefined, isolation)
  const { records, abortedTransactions, lastStableOffset, highWatermark } = answer
  const aborted = abortedTransactions.map(({ producerId, firstOffset }) => {
    return [producers.findIndex((one) => one.producerId === producerId), firstOffset]
  })
  return { values: valuesOf(records), aborted, lastStableOffset, highWatermark }
}
