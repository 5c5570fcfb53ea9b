/**
 * Fetches splits from their leaders, without a consumer group: one request per leader at a time.
 *
 *     leader 1:  fetch --> chunks of a0, a1   fetch --> ...       about one chunk per leader waits
 *     leader 2:  fetch --> chunk of b0        fetch --> ...       while the next are fetched
 *
 * So memory is bounded and nobody waits for the network.
 *
 * A broker cuts its answer off in the middle of a batch, which must then be sent again. So a split
 * is asked for a whole number of batches of its usual size: with batches of 256 KiB, every other
 * byte of half a MiB came in vain.
 *
 * A broker fills its answer in the order of the request, and sends at least one batch of the first
 * split that has any. So a split that has brought a chunk moves to the end of the line.
 *
 * While a chunk of a held split waits, no more of that split is fetched, and the other splits of
 * its leader are: the held one may be waiting for them.
 *
 * A split that cannot be read rests until its leader has been looked up again; the others are read.
 * The same holds for all splits of a leader that does not answer: if other brokers lead them by
 * then, they are fetched there, and a late answer is ignored.
 */
import type { AttemptContext } from '../../attempt.ts'
import { eachLeaderEpoch } from '../batch/leaderEpochs.ts'
import { endOfBatches, largestIn } from '../batch/readBatches.ts'
import type { Connections } from '../nodes/connections.ts'
import type { Leaders } from '../nodes/leaders.ts'
import { isPassing } from '../nodes/passing.ts'
import { silence, unlessMoved } from '../nodes/unlessMoved.ts'
import { type FetchedPartition, fetch } from '../protocol/fetch.ts'
import type { EpochHistory } from './epochHistory.ts'
import { answerFor, cutOff, fetchRefusal, silent } from './fetchAnswers.ts'
import { type FetchRecovery, fetchRecovery } from './fetchRecovery.ts'
import { pinnedSplits } from './pinnedSplits.ts'
import { readableEnd } from './readTo.ts'

/** A partition that is being read. */
export interface FetchedSplit {
  readonly topic: string
  readonly topicId: string
  readonly partition: number
  /** The next offset to ask the broker for. */
  fetchOffset: number
  /** End of what is wanted, or Infinity. Lowered if nothing can be read before it. */
  bound: number
  /** Of what was fetched. */
  readonly epochs: EpochHistory
  /** Whether the leader must still confirm that the log is the one that was read. */
  unconfirmed: boolean
}

/** What one fetch brought for one split. */
export interface Chunk<S extends FetchedSplit> {
  readonly split: S
  readonly fetched: FetchedPartition
  /** To be called once, when the chunk has been emitted: its leader may then be asked for more. */
  taken(): void
}

export interface FetchLimits {
  /** A broker answers after this time even if there is nothing, ms. */
  readonly maxWait: number
  /** Bytes of one partition in an answer, about: a single larger batch still comes whole. */
  readonly partitionBytes: number
  /** Partitions of so many bytes in one answer. */
  readonly partitionsAtOnce: number
}

export interface FetcherParts<S extends FetchedSplit> {
  arrived(chunk: Chunk<S>): void
  held(split: S): boolean
  /** The bound of the split, or whether it is confirmed, has changed. */
  settled(split: S): void
}

export interface Fetcher<S extends FetchedSplit> {
  /** Starts fetching these too. Their topics are known to `leaders`. */
  add(splits: readonly S[]): void
  /** Called when other splits are held than before. Does not throw: failures end the attempt. */
  askAgain(): void
}

/** Request in progress. */
interface Asked<S> {
  readonly leader: number
  /** What it is for; a split that is fetched elsewhere meanwhile is none of them any more. */
  readonly splits: Set<S>
}

/**
 * Backlog, in requests' worth of bytes, at which a split is not asked: one chunk may wait, not two.
 */
const enough = 1.5

/** Largest believable batch, bytes: a damaged one may claim anything. */
const unlikely = 16 * 1024 * 1024

/** Wait of a fetch at the end of a log, for records that may never come, ms. */
const shortWait = 100

export function fetcher<S extends FetchedSplit>(
  attempt: Pick<AttemptContext, 'clock' | 'signal' | 'fail' | 'tell'>,
  connections: Pick<Connections, 'call'>,
  leaders: Leaders,
  { maxWait, partitionBytes, partitionsAtOnce }: FetchLimits,
  { arrived, held, settled }: FetcherParts<S>,
): Fetcher<S> {
  const { clock, signal } = attempt
  /** Who comes first in a request comes first. */
  let line: readonly S[] = []
  /** By leader. */
  const asking = new Map<number, Asked<S>>()
  /** The chunks that have not been taken, and whom they came from. */
  const untaken = new Set<{ readonly leader: number; readonly split: S; readonly bytes: number }>()
  /** The largest batch that the last answer had of it, bytes. */
  const batchBytes = new Map<S, number>()
  const recovery: FetchRecovery<S> = fetchRecovery(attempt, leaders, () => ask())
  const pinned = pinnedSplits<S>(attempt, connections)

  /** Asks every idle leader of which not too much waits. Called whenever that may have changed. */
  function ask(): void {
    if (signal.aborted) return
    const { led, leaderless } = leaders.available(wanted())
    for (const [split, error] of leaderless) recovery.failed(split, error)
    for (const [leader, its] of led) {
      if (asking.has(leader) || backlog(leader) > enough * mostOf(its)) continue
      const asked = { leader, splits: new Set(its) }
      asking.set(leader, asked)
      askLeader(asked, its)
        .finally(() => asking.delete(leader))
        .then(ask)
        .catch(attempt.fail)
    }
  }

  /** Bytes of this leader that wait to be taken, and may be. */
  function backlog(leader: number): number {
    let waiting = 0
    for (const { leader: from, split, bytes } of untaken) if (from === leader && !held(split)) waiting += bytes
    return waiting
  }

  /** What there is to fetch, and nobody is asked for. */
  function wanted(): S[] {
    const full = new Set([...untaken].map(({ split }) => split).filter(held))
    const busy = new Set([...asking.values()].flatMap(({ splits }) => [...splits]))
    return line.filter((split) => {
      const more = split.fetchOffset < split.bound || split.unconfirmed
      return more && !full.has(split) && !busy.has(split) && !recovery.rests(split)
    })
  }

  async function askLeader(asked: Asked<S>, its: readonly S[]): Promise<void> {
    const answers = await fetched(asked, its, maxWait)
    if (answers === null) return
    const open = its.map((split, at) => [split, answerFor(split, answers, at)] as const)
    for (const [at, [split, answer]] of open.entries()) {
      if (answer !== undefined && asked.splits.has(split)) answered(asked.leader, split, answer, at === 0)
    }
    for (const [split, answer] of open) {
      if (answer !== undefined && asked.splits.has(split) && atEnd(split, answer)) await confirmEnd(asked, split)
    }
  }

  /** null: no answer has come, and the splits rest. */
  async function fetched(
    asked: Asked<S>,
    its: readonly S[],
    maxWait: number,
  ): Promise<readonly FetchedPartition[] | null> {
    const partitions = its.map((split) => {
      const { topic, topicId, partition, fetchOffset } = split
      const epochs = {
        leaderEpoch: leaders.epoch(topic, partition),
        lastFetchedEpoch: split.epochs.before(fetchOffset),
      }
      return { topic, topicId, partition, offset: fetchOffset, maxBytes: wholeBatches(split), ...epochs }
    })
    const args = { maxWait, minBytes: 1, maxBytes: partitionsAtOnce * mostOf(its), partitions }
    try {
      return await unlessMoved(
        clock,
        (options) => connections.call(asked.leader, fetch, args, options),
        () => moved(asked),
        maxWait + silence,
      )
    } catch (error) {
      if (!isPassing(error)) throw error
      for (const split of asked.splits) recovery.failed(split, error)
      return null
    }
  }

  /** Checks, while the leader is silent, whether its splits have other leaders, and asks those. */
  async function moved({ leader, splits }: Asked<S>): Promise<boolean> {
    try {
      await recovery.lookUp()
      for (const split of splits) {
        recovery.silent(split, silent(split, leader))
        if (!leaders.available([split]).led.has(leader)) splits.delete(split)
      }
      ask()
    } catch (error) {
      attempt.fail(error)
    }
    return splits.size === 0
  }

  function wholeBatches(split: S): number {
    return aboutInBatches(partitionBytes, batchBytes.get(split) ?? partitionBytes)
  }

  function mostOf(its: readonly S[]): number {
    return its.reduce((most, split) => Math.max(most, wholeBatches(split)), 0)
  }

  /** @param first of the request: a broker sends at least one whole batch of it, however large */
  function answered(leader: number, split: S, answer: FetchedPartition, first: boolean): void {
    const refusal = fetchRefusal(split, answer)
    if (refusal !== null) return recovery.failed(split, refusal)
    recovery.fine(split)
    pinned.answered(split, leader, answer)
    take(leader, split, answer, first)
    if (!split.unconfirmed) return
    split.unconfirmed = false
    settled(split)
  }

  function take(leader: number, split: S, answer: FetchedPartition, first: boolean): void {
    const end = endOfBatches(answer.records)
    if (end === null && first && answer.records.length > 0) throw cutOff(split)
    if (end === null) return
    line = [...line.filter((one) => one !== split), split]
    eachLeaderEpoch(answer.records, split.epochs.add)
    split.fetchOffset = end
    batchBytes.set(split, Math.min(largestIn(answer.records), unlikely))
    const waiting = { leader, split, bytes: answer.records.length }
    untaken.add(waiting)
    arrived({
      split,
      fetched: answer,
      taken() {
        untaken.delete(waiting)
        ask()
      },
    })
  }

  /** There is nothing to be read before the bound, it seems (readTo.ts). */
  function atEnd(split: S, { errorCode, records, lastStableOffset }: FetchedPartition): boolean {
    const empty = errorCode === 0 && records.length === 0 && !recovery.rests(split)
    return empty && split.fetchOffset < split.bound && lastStableOffset >= split.bound
  }

  /** Asks for this split alone, until it has brought records or its readable end is certain. */
  async function confirmEnd(asked: Asked<S>, split: S): Promise<void> {
    const isEnd = readableEnd(split.bound)
    for (let more = true; more; ) {
      const [answer] = (await fetched({ leader: asked.leader, splits: new Set([split]) }, [split], shortWait)) ?? []
      if (answer === undefined || !asked.splits.has(split) || signal.aborted) return
      answered(asked.leader, split, answer, true)
      more = atEnd(split, answer)
      if (!isEnd(answer)) continue
      split.bound = split.fetchOffset
      return settled(split)
    }
  }

  return {
    add(more) {
      line = [...line, ...more]
      ask()
    },
    askAgain() {
      try {
        ask()
      } catch (thrown) {
        attempt.fail(thrown)
      }
    },
  }
}

/** So many bytes, about, in a whole number of batches of a size. */
export function aboutInBatches(bytes: number, size: number): number {
  return Math.max(1, Math.round(bytes / size)) * size
}
