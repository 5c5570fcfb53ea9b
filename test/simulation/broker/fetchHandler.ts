/** Fetch, read committed: whole batches up to the last stable offset, and the aborted transactions that reach into them. */
import { Buffer } from 'node:buffer'
import type { FetchArgs, FetchedPartition, WantedPartition } from '../../../src/kafka/protocol/fetch.ts'
import type { Isolation } from '../../../src/kafka/protocol/listOffsets.ts'
import { errors } from './errors.ts'
import type { Handler, Shared } from './handler.ts'
import { epochMismatch } from './offsetsHandler.ts'
import type { PartitionLog, StoredBatch } from './partitionLog.ts'

export function fetchHandler(shared: Shared): Handler {
  const { topology, moods, random } = shared

  function one(node: number, isolation: Isolation, wanted: WantedPartition, room: number): FetchedPartition {
    const { topic, partition, offset, topicId, maxBytes } = wanted
    const led = topology.find(topic, partition)
    if (led === undefined || topicId !== topology.topicId(topic)) return refused(wanted, errors.unknownTopicId)
    const replica = topology.replica(node, led)
    if (replica === null || moods.refuses()) return refused(wanted, errors.notLeader)
    const mismatch = epochMismatch(wanted.leaderEpoch, topology.epoch(node, led))
    if (mismatch !== 0) return refused(wanted, mismatch)
    const { log, ahead } = replica
    if (offset < log.start || offset > (ahead ?? log).end) return refused(wanted, errors.offsetOutOfRange)
    const committed = isolation === 'read_committed'
    const batches = taken(log, offset, committed ? log.lastStable : log.end, Math.min(room, maxBytes))
    return fetched(wanted, log, batches, committed)
  }

  function taken(log: PartitionLog, offset: number, end: number, room: number): readonly StoredBatch[] {
    const fitting: StoredBatch[] = []
    let bytes = 0
    for (let at = firstFrom(log.batches, offset); at < log.batches.length; at++) {
      const batch = log.batches[at] as StoredBatch
      bytes += batch.bytes.length
      if (batch.baseOffset >= end || (fitting.length > 0 && bytes > room)) break
      fitting.push(batch)
    }
    return moods.shortFetch() ? fitting.slice(0, random.between(1, Math.max(1, fitting.length))) : fitting
  }

  return ({ node, args }, reply) => {
    const { maxWait, minBytes, maxBytes, partitions, isolation = 'read_committed' } = args as FetchArgs
    const answers = (): FetchedPartition[] => partitions.map((wanted) => one(node, isolation, wanted, maxBytes))
    const enough = (all: readonly FetchedPartition[]): boolean =>
      minBytes === 0 || all.some(({ errorCode, records }) => errorCode !== 0 || records.length > 0)
    const first = answers()
    if (enough(first)) return reply(first)
    let answered = false
    const answer = (all: readonly FetchedPartition[]): boolean => {
      answered = true
      reply(all)
      return true
    }
    const readable = (): boolean =>
      partitions.some(({ topic, partition, offset }) => {
        const led = topology.find(topic, partition)
        const replica = led === undefined ? null : topology.replica(node, led)
        if (replica === null) return true
        return (isolation === 'read_committed' ? replica.log.lastStable : replica.log.end) > offset
      })
    shared.onProgress(() => answered || (readable() && answer(answers())))
    shared.agenda.after(maxWait, () => answered || answer(answers()))
  }
}

/** Index of the first batch that reaches this offset: searched in halves, since logs get long, and are asked often. */
function firstFrom(batches: readonly StoredBatch[], offset: number): number {
  let [from, to] = [0, batches.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if ((batches[middle] as StoredBatch).lastOffset >= offset) to = middle
    else from = middle + 1
  }
  return from
}

function fetched(
  { topic, partition, offset }: WantedPartition,
  log: PartitionLog,
  batches: readonly StoredBatch[],
  committed: boolean,
): FetchedPartition {
  const upTo = (batches.at(-1)?.lastOffset ?? offset) + 1
  // Who reads what is undecided is told of no aborted transactions.
  const aborted = committed ? log.aborted : []
  const reaching = aborted.filter(({ firstOffset, lastOffset }) => lastOffset >= offset && firstOffset < upTo)
  return {
    ...{
      topic,
      partition,
      errorCode: 0,
      highWatermark: log.end,
      lastStableOffset: log.lastStable,
      logStartOffset: log.start,
    },
    abortedTransactions: reaching.map(({ producerId, firstOffset }) => ({ producerId, firstOffset })),
    records: Buffer.concat(batches.map(({ bytes }) => bytes)),
  }
}

function refused({ topic, partition }: WantedPartition, errorCode: number): FetchedPartition {
  const nothing = { highWatermark: -1, lastStableOffset: -1, logStartOffset: -1 }
  return { topic, partition, errorCode, ...nothing, abortedTransactions: [], records: Buffer.alloc(0) }
}
