/** Produce: checks leader, in-sync replicas, transaction and sequence, in this order, appends, and waits for the followers. */
import type { OutgoingRecords, ProduceArgs, ProducedPartition } from '../../../src/kafka/protocol/produce.ts'
import { batchHeader } from './batchHeader.ts'
import { followed } from './controller.ts'
import { errors } from './errors.ts'
import { type Handler, placeOf, type Shared } from './handler.ts'
import { appendTo, type Led, type Replica } from './led.ts'

/** The first version in which a partition joins a transaction by being written to. */
const joining = 12

/** An answer, or null as long as followers are awaited. */
type Awaited = () => ProducedPartition | null

export function produceHandler(shared: Shared): Handler {
  const { agenda, topology, transactions, moods, random } = shared

  function one(node: number, version: number, { transactionalId, acks }: ProduceArgs, batch: OutgoingRecords): Awaited {
    const { topic, partition, records } = batch
    const answer = (errorCode: number, baseOffset = -1): ProducedPartition => {
      shared.trace.note(() => `broker ${node}: ${describe(batch)} -> ${errorCode || `offset ${baseOffset}`}`)
      return { topic, partition, errorCode, errorMessage: null, refused: [], baseOffset }
    }
    const always = (its: ProducedPartition) => () => its
    const led = topology.find(topic, partition)
    if (led === undefined) return always(answer(errors.unknownTopic))
    const replica = topology.replica(node, led)
    if (replica === null || moods.refuses()) return always(answer(errors.notLeader))
    if (acks === -1 && led.isr.length < led.minIsr) return always(answer(errors.notEnoughReplicas))
    const refusal = transactionalId === null ? 0 : joined(node, led, replica, transactionalId, version, records)
    if (refusal !== 0) return always(answer(refusal))
    // First, also of a batch that it has had before: as LogValidator does.
    const unfit = shared.refuses(topic, records)
    if (unfit !== null) return always({ ...answer(unfit.errorCode), refused: unfit.refused })
    const epoch = topology.epoch(node, led)
    const replicated = replica === led && followed(topology, led)
    const { errorCode, baseOffset } = appendTo(replica, replicated, records, epoch)
    if (errorCode === 0 && moods.lies()) return always(answer(random.pick(lies)))
    if (errorCode !== 0 || acks === 1) return always(answer(errorCode, baseOffset))
    return () => {
      const outcome = acked(node, led, epoch, baseOffset)
      return outcome === null ? null : answer(outcome, outcome === 0 ? baseOffset : -1)
    }
  }

  /** What the followers have made of an append; null: not known yet. */
  function acked(node: number, led: Led, epoch: number, baseOffset: number): number | null {
    const now = topology.replica(node, led)
    if (now === null || topology.epoch(node, led) !== epoch) return errors.notLeader
    if (now !== led || led.log.end <= baseOffset) return null
    return led.isr.length < led.minIsr ? errors.notEnoughReplicasAfterAppend : 0
  }

  /** 0, or why the batch may not be written. A partition that is part of the transaction already need not ask the coordinator. */
  function joined(
    node: number,
    { topic, partition }: Led,
    { log, ahead }: Replica,
    id: string,
    version: number,
    records: Buffer,
  ): number {
    const header = batchHeader(records)
    if (header === null) return errors.corruptMessage
    const { producerId, producerEpoch } = header
    if ((ahead ?? log).isOpen(producerId, producerEpoch)) return 0
    if (topology.nodes[node - 1]?.cutOff) return errors.notEnoughReplicas
    const places = [placeOf(topic, partition)]
    const v2 = version >= joining
    if (!v2 && !shared.verifies) return 0
    const errorCode = transactions.add(id, producerId, producerEpoch, places, v2, !v2)
    if (errorCode === errors.fenced) return errors.invalidEpoch
    return errorCode === errors.concurrent && !v2 ? errors.notEnoughReplicas : errorCode
  }

  return ({ node, version, args }, reply) => {
    const asked = args as ProduceArgs
    const awaited = asked.batches.map((batch) => one(node, version, asked, batch))
    const answers = awaited.map((its) => its())
    shared.progressed()
    let answered = false
    const complete = (): boolean => {
      if (answered) return true
      for (const [at, its] of awaited.entries()) answers[at] ??= its()
      answered = !answers.includes(null)
      if (answered) reply(answers)
      return answered
    }
    if (complete()) return
    shared.onProgress(complete)
    agenda.after(asked.timeout, () => {
      if (answered) return
      answered = true
      const late = ({ topic, partition }: OutgoingRecords) => timedOut(topic, partition)
      reply(answers.map((its, at) => its ?? late(asked.batches[at] as OutgoingRecords)))
    })
  }
}

function timedOut(topic: string, partition: number): ProducedPartition {
  return { topic, partition, errorCode: errors.timedOut, errorMessage: null, refused: [], baseOffset: -1 }
}

/** What a leader may say although it has appended: it has lost its leadership, or its followers did not answer in time. */
const lies = [errors.notLeader, errors.timedOut, errors.notEnoughReplicasAfterAppend]

function describe({ topic, partition, records }: OutgoingRecords): string {
  const header = batchHeader(records)
  if (header === null) return `damaged batch for ${topic}/${partition}`
  const { producerId, producerEpoch, baseSequence, lastSequence } = header
  return `append to ${topic}/${partition}, producer ${producerId} epoch ${producerEpoch} sequence ${baseSequence}-${lastSequence}`
}
