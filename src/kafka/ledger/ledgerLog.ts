/**
 * Reads entries of the ledger topic, or plans of the plan topic. The answer of one broker may be
 * out of date, so this also asks others that may know better, and never accepts less than what is
 * already known (ledgerHorizon.ts). Only a write can prove that a read was complete
 * (ledgerSentinel.ts).
 */

import type { AttemptContext } from '../../attempt.ts'
import { sleep } from '../../clock.ts'
import { RetriableError } from '../../errors.ts'
import type { Split } from '../../record.ts'
import { brokerError, isRefused, unknownTopic } from '../nodes/brokerErrors.ts'
import type { Connections } from '../nodes/connections.ts'
import type { Leaders } from '../nodes/leaders.ts'
import { isPassing } from '../nodes/passing.ts'
import { patience } from '../nodes/patience.ts'
import { surveyed } from '../nodes/survey.ts'
import { earliest, type Isolation, latest } from '../protocol/listOffsets.ts'
import { rangeReader } from '../reading/rangeReader.ts'
import { readableEnd } from '../reading/readTo.ts'
import { splitOffsets } from '../reading/splitOffsets.ts'
import type { LedgerHorizon } from './ledgerHorizon.ts'

/** Result of one read of a partition. */
export interface View<T> {
  readonly entry: T | null
  /** End offset; 0 if the partition does not exist. */
  readonly end: number
  /** Epoch of the leader that answered, from metadata; null if the partition does not exist. */
  readonly epoch: number | null
  /**
   * True if a transaction behind the end was undecided: open, or its markers still on their way.
   */
  readonly undecided: boolean
  /** Partition count; null if the topic does not exist. */
  readonly partitions: number | null
}

export interface LedgerLogParts<T> {
  readonly attempt: Pick<AttemptContext, 'clock' | 'signal' | 'tell'>
  readonly connections: Connections
  readonly leaders: Leaders
  /** Topic name. */
  readonly name: string
  /** Key of the entries in a partition. */
  readonly keyOf: (partition: number) => Buffer
  /** Throws Corrupted. `place` names the origin of the bytes. */
  readonly decode: (bytes: Uint8Array, place: string) => T
  readonly horizon: LedgerHorizon
}

/** How long brokers must report a known ledger as missing before it is believed, ms. */
const settling = 10_000

/** How many offsets before the end are read first; eight times more whenever they hold no entry. */
const tail = 64

/**
 * Returns a function that reads the last committed entry of a partition. 'fenced' reads up to the
 * very end and waits for it if necessary; 'committed' reads up to what is decided now.
 */
export function ledgerLog<T>({ attempt, connections, leaders, name, keyOf, decode, horizon }: LedgerLogParts<T>) {
  async function offset(split: Split, timestamp: number, isolation: Isolation): Promise<number> {
    const [found] = await splitOffsets(attempt, connections, leaders, [split], timestamp, isolation)
    return found as number
  }

  /** The topic counts as missing only if no broker that answers knows it. */
  async function isMissing(): Promise<boolean> {
    const { topics, brokers } = await connections.metadata([name])
    const errorCode = topics[0]?.errorCode ?? 0
    if (errorCode !== 0 && !isRefused(errorCode)) throw brokerError(errorCode, 'Metadata', { topic: name })
    if (errorCode !== unknownTopic) return false
    const nodes = brokers.map(({ node }) => node)
    const answers = await surveyed(attempt, connections, [name], nodes)
    return answers.every((its) => its[0]?.errorCode !== 0)
  }

  /** The last entry in [from, end), or null. */
  async function lastEntry(split: Split, from: number, end: number): Promise<T | null> {
    const key = keyOf(split.partition)
    const place = `topic ${name}, partition ${split.partition}`
    const read = rangeReader({ attempt, connections, leaders }, split, {
      isEnd: readableEnd(end),
      behind: (offset) => behind(split, offset, end),
    })
    let last: Buffer | null = null
    for (let position = from; position < end; ) {
      position = await read(position, (record) => {
        if (record.key()?.equals(key)) last = record.value() ?? Buffer.alloc(0)
      })
    }
    return last === null ? null : decode(last, place)
  }

  /** Markers of a transaction that has just ended may still be on their way into the log. */
  function behind(split: Split, position: number, end: number): RetriableError {
    return new RetriableError('LEDGER_BEHIND', `the ledger cannot be read up to its end at offset ${end}`, {
      where: { ...split, offset: position },
    })
  }

  /**
   * End offset of the read. A broker that reports less than what is known to exist is asked again,
   * or another broker is.
   */
  async function endOf(split: Split, until: 'fenced' | 'committed', topicId: string): Promise<number> {
    const waiting = patience(attempt.clock, attempt.signal)
    for (;;) {
      const end = await offset(split, latest, until === 'fenced' ? 'read_uncommitted' : 'read_committed')
      if (end >= horizon.of(topicId, split.partition)) return end
      await waiting.after(behind(split, end, horizon.of(topicId, split.partition)))
      await leaders.refresh().catch(passing)
    }
  }

  /** A known topic counts as deleted only if every broker asked has reported that for a while. */
  async function isGone(): Promise<boolean> {
    const until = attempt.clock.monotonic() + settling
    while (await isMissing()) {
      if (!horizon.knows(name) || attempt.clock.monotonic() >= until) return true
      await sleep(attempt.clock, 100, attempt.signal)
    }
    return false
  }

  async function view(until: 'fenced' | 'committed', partition: number): Promise<View<T>> {
    const nothing = { entry: null, end: 0, epoch: null, undecided: false }
    if (await isGone()) return { ...nothing, partitions: null }
    const { partitions, topicId } = await leaders.topic(name)
    if (partition >= partitions.length) return { ...nothing, partitions: partitions.length }
    const split = { topic: name, partition }
    if (until === 'committed') await leaders.survey()
    const [start, end] = await Promise.all([offset(split, earliest, 'read_uncommitted'), endOf(split, until, topicId)])
    const epoch = leaders.epoch(name, partition) ?? -1
    const undecided = until === 'committed' && (await offset(split, latest, 'read_uncommitted')) > end
    for (let length = tail; ; length *= 8) {
      const from = Math.max(start, end - length)
      const entry = await lastEntry(split, from, end)
      if (entry === null && from > start) continue
      if (until === 'fenced') horizon.reached(name, topicId, partition, end)
      return { entry, end, epoch, undecided, partitions: partitions.length }
    }
  }

  return view
}

function passing(error: unknown): void {
  if (!isPassing(error)) throw error
}
