/**
 * Fetches a set of splits from their leaders, without a consumer group: one request a leader at a time.
 *
 *   leader 1:  fetch --> chunks of a0, a1   fetch --> ...       about one chunk of a leader waits to be taken while the next are
 *   leader 2:  fetch --> chunk of b0        fetch --> ...       under way: memory is bounded and nobody waits for the network
 *
 * A broker cuts its answer off in the middle of a batch, and what is cut off has to come again. So a split is asked for a whole number of
 * batches of the size that it has had: with batches of 256 KiB, every other byte of half a MiB came in vain.
 *
 * Of a split that is held, because its chunks are not to be taken for now, no more is fetched while one waits; and those that wait do not keep
 * the others of its leader from being fetched, which may be the ones that it waits for.
 */
import type { AttemptContext } from '../element.ts'
import { CorruptedError, type RxweftError } from '../errors.ts'
import { endOfBatches, largestIn } from './batch/readBatches.ts'
import { brokerError, isRefused } from './brokerErrors.ts'
import type { Connections } from './connections.ts'
import type { Leaders } from './leaders.ts'
import { patience } from './patience.ts'
import { type FetchedPartition, fetch } from './protocol/fetch.ts'
import { sameTopic } from './sameTopic.ts'

/** A partition that is being read. */
export interface FetchedSplit {
  readonly topic: string
  readonly topicId: string
  readonly partition: number
  /** The next offset to ask the broker for. */
  fetchOffset: number
  /** Nothing from here on is wanted; Infinity: everything is. */
  readonly bound: number
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
}

export interface Fetcher<S extends FetchedSplit> {
  /** Starts fetching these too. Their topics are known to `leaders`. */
  add(splits: readonly S[]): void
  /** To be called when others than before are held. Does not throw: what goes wrong ends the attempt. */
  askAgain(): void
}

/** Not asked while so many times what is asked of one split waits: one chunk may, two may not. */
const enough = 1.5

/** No batch is taken for larger, bytes: what a damaged one says of itself is not known to be wrong yet. */
const unlikely = 16 * 1024 * 1024

export function fetcher<S extends FetchedSplit>(
  attempt: Pick<AttemptContext, 'clock' | 'signal' | 'fail'>,
  connections: Pick<Connections, 'call'>,
  leaders: Leaders,
  { maxWait, partitionBytes, partitionsAtOnce }: FetchLimits,
  { arrived, held }: FetcherParts<S>,
): Fetcher<S> {
  const splits: S[] = []
  const asking = new Set<number>()
  /** The chunks that have not been taken, and whom they came from. */
  const untaken = new Set<{ readonly leader: number; readonly split: S; readonly bytes: number }>()
  /** The largest batch that the last answer had of it, bytes. */
  const batchBytes = new Map<S, number>()
  const waiting = patience(attempt.clock, attempt.signal)
  let recovering = false
  let turn = 0

  /** Asks every leader that is not being asked and of which not too much waits. Called whenever one of that has changed. */
  function ask(): void {
    if (recovering || attempt.signal.aborted) return
    for (const [leader, its] of leaders.group(wanted())) {
      if (asking.has(leader) || backlog(leader) > enough * mostOf(its)) continue
      asking.add(leader)
      askLeader(leader, its)
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

  /** What there is to fetch; each time another split first: a broker fills its answer in the order of the request. */
  function wanted(): S[] {
    const full = new Set([...untaken].map(({ split }) => split).filter(held))
    turn = (turn + 1) % Math.max(1, splits.length)
    const inTurn = [...splits.slice(turn), ...splits.slice(0, turn)]
    return inTurn.filter((split) => split.fetchOffset < split.bound && !full.has(split))
  }

  async function askLeader(leader: number, its: readonly S[]): Promise<void> {
    const partitions = its.map((split) => {
      const { topic, topicId, partition, fetchOffset } = split
      return { topic, topicId, partition, offset: fetchOffset, maxBytes: wholeBatches(split) }
    })
    const maxBytes = partitionsAtOnce * mostOf(its)
    const answers = await connections.call(leader, fetch, { maxWait, minBytes: 1, maxBytes, partitions })
    let refusal: RxweftError | null = null
    for (const fetched of answers) {
      const split = its.find(({ topic, partition }) => topic === fetched.topic && partition === fetched.partition) as S
      if (fetched.errorCode === 0) take(leader, split, fetched, split === its[0])
      else refusal = refused(split, fetched)
    }
    if (refusal === null) waiting.reset()
    else await recover(refusal)
  }

  function wholeBatches(split: S): number {
    return aboutInBatches(partitionBytes, batchBytes.get(split) ?? partitionBytes)
  }

  function mostOf(its: readonly S[]): number {
    return its.reduce((most, split) => Math.max(most, wholeBatches(split)), 0)
  }

  /** @param first of all that were asked for: a broker sends at least one whole batch of it, however large. */
  function take(leader: number, split: S, fetched: FetchedPartition, first: boolean): void {
    const end = endOfBatches(fetched.records)
    if (end === null && first && fetched.records.length > 0) throw cutOff(split)
    if (end === null) return
    split.fetchOffset = end
    batchBytes.set(split, Math.min(largestIn(fetched.records), unlikely))
    const waiting = { leader, split, bytes: fetched.records.length }
    untaken.add(waiting)
    arrived({
      split,
      fetched,
      taken() {
        untaken.delete(waiting)
        ask()
      },
    })
  }

  async function recover(refusal: RxweftError): Promise<void> {
    if (recovering) return
    recovering = true
    await waiting.after(refusal)
    await leaders.refresh()
    for (const { fetchOffset: offset, ...split } of splits) await sameTopic(leaders, { ...split, offset })
    recovering = false
  }

  return {
    add(more) {
      splits.push(...more)
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

function cutOff({ topic, partition, fetchOffset }: FetchedSplit): CorruptedError {
  return new CorruptedError('BATCH_DAMAGED', 'the broker has sent a record batch that does not end where it says', {
    where: { topic, partition, offset: fetchOffset },
    hint: 'Nothing of it was processed. Look whether another replica of the partition is intact',
  })
}

/** What may be asked again; everything else is thrown. */
function refused({ topic, partition, fetchOffset }: FetchedSplit, { errorCode }: FetchedPartition): RxweftError {
  const error = brokerError(errorCode, 'Fetch', { topic, partition, offset: fetchOffset })
  const unknownTopic = error.code === 'UNKNOWN_TOPIC_ID' || error.code === 'INCONSISTENT_TOPIC_ID'
  if (isRefused(errorCode) || unknownTopic) return error
  throw error
}
