/** Produce: checks leader, transaction and sequence, in this order, and appends. */
import type { OutgoingRecords, ProduceArgs, ProducedPartition } from '../../../src/kafka/protocol/produce.ts'
import { batchHeader } from './batchHeader.ts'
import { type Handler, placeOf, type Shared } from './brokers.ts'
import { errors } from './errors.ts'
import type { Led } from './topology.ts'

/** The first version in which a partition joins a transaction by being written to. */
const joining = 12

export function produceHandler(shared: Shared): Handler {
  const { topology, transactions, moods, random } = shared

  function one(
    node: number,
    version: number,
    transactionalId: string | null,
    batch: OutgoingRecords,
  ): ProducedPartition {
    const { topic, partition, records } = batch
    const answer = (errorCode: number, baseOffset = -1): ProducedPartition => {
      shared.trace.note(() => `broker ${node}: ${describe(batch)} -> ${errorCode || `offset ${baseOffset}`}`)
      return { topic, partition, errorCode, errorMessage: null, baseOffset }
    }
    const led = topology.find(topic, partition)
    if (led === undefined) return answer(errors.unknownTopic)
    if (led.leader !== node || moods.refuses()) return answer(errors.notLeader)
    const refusal = transactionalId === null ? 0 : joined(led, transactionalId, version, records)
    if (refusal !== 0) return answer(refusal)
    const { errorCode, baseOffset } = led.log.append(records)
    if (errorCode === 0 && moods.lies()) return answer(random.pick(lies))
    return answer(errorCode, baseOffset)
  }

  /** 0, or why the batch may not be written. A partition that is part of the transaction already need not ask the coordinator. */
  function joined({ topic, partition, log }: Led, id: string, version: number, records: Buffer): number {
    const header = batchHeader(records)
    if (header === null) return errors.corruptMessage
    const { producerId, producerEpoch } = header
    if (log.isOpen(producerId, producerEpoch)) return 0
    const places = [placeOf(topic, partition)]
    const v2 = version >= joining
    const errorCode = transactions.add(id, producerId, producerEpoch, places, v2, !v2)
    if (errorCode === errors.fenced) return errors.invalidEpoch
    return errorCode === errors.concurrent && !v2 ? errors.notEnoughReplicas : errorCode
  }

  return ({ node, version, args }, reply) => {
    const { transactionalId, batches } = args as ProduceArgs
    const answers = batches.map((batch) => one(node, version, transactionalId, batch))
    shared.progressed()
    reply(answers)
  }
}

/** What a leader may say although it has appended: it has lost its leadership, or its followers did not answer in time. */
const lies = [errors.notLeader, errors.timedOut, errors.notEnoughReplicasAfterAppend]

function describe({ topic, partition, records }: OutgoingRecords): string {
  const header = batchHeader(records)
  if (header === null) return `damaged batch for ${topic}/${partition}`
  const { producerId, producerEpoch, baseSequence, lastSequence } = header
  return `append to ${topic}/${partition}, producer ${producerId} epoch ${producerEpoch} sequence ${baseSequence}-${lastSequence}`
}
