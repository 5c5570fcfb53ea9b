/**
 * Fetches splits from their leaders, without a consumer group: one request per leader at a time.
 *
 *   leader 1:  fetch --> chunks of a0, a1   fetch --> ...       about one chunk per leader waits
 *   leader 2:  fetch --> chunk of b0        fetch --> ...       while the next are fetched
 *
 * So memory is bounded, and no split waits for the network.
 *
 * Fairness: a broker fills its answer in request order, and sends at least one batch of the first
 * split that has data. So a split that returned data moves to the end of the line.
 *
 * Alignment: a held split (its chunks may not be taken now) is not fetched while one of its chunks
 * waits. The other splits of its leader are: the held one may be waiting for them.
 *
 * Failures: a split that cannot be read rests until its leader has been looked up; the others
 * continue. The same holds for all splits of a silent leader: if another broker leads them by then,
 * they are fetched there, and a late answer is ignored.
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
import { longPolls } from './longPoll.ts'
import { pinnedSplits } from './pinnedSplits.ts'
import { readableEnd } from './readTo.ts'
import { requestSizes } from './requestSizes.ts'

/** A partition that is being read. */
export interface FetchedSplit {
  readonly topic: string
  readonly topicId: string
  readonly partition: number
  /** Next offset to request. */
  fetchOffset: number
  /** End of the wanted offsets, or Infinity. Lowered if nothing before it is readable. */
  bound: number
  /** End of what can be read, as of the last answer; undefined before it. */
  readable?: number | undefined
  /** Leader epochs of the fetched records. */
  readonly epochs: EpochHistory
  /**
   * True until the leader confirms that the log is still the one read before, by one more fetch.
   */
  unconfirmed: boolean
}

/** Data of one split from one fetch. */
export interface Chunk<S extends FetchedSplit> {
  readonly split: S
  readonly fetched: FetchedPartition
  /**
   * Must be called once, after the chunk has been emitted: its leader can then be asked for more.
   */
  taken(): void
}

export interface FetchLimits {
  /** How long a broker may wait for data before it answers, ms; longer at rest (longPoll.ts). */
  readonly maxWait: number
  /** Approximate bytes per partition in an answer; one larger batch still comes whole. */
  readonly partitionBytes: number
  /** Number of partitions per answer, each of that size. */
  readonly partitionsAtOnce: number
}

export interface FetcherParts<S extends FetchedSplit> {
  arrived(chunk: Chunk<S>): void
  held(split: S): boolean
  /** Called when the bound of a split or its confirmation has changed. */
  settled(split: S): void
}

export interface Fetcher<S extends FetchedSplit> {
  /** Starts fetching these splits too. `leaders` must know their topics. */
  add(splits: readonly S[]): void
  /** Call when the set of held splits has changed. Does not throw: an error ends the attempt. */
  askAgain(): void
}

/** A request under way. */
interface Asked<S> {
  readonly leader: number
  /** Its splits, without those that are fetched elsewhere meanwhile. */
  readonly splits: Set<S>
  /** Gives it up; undefined if its answer comes soon. */
  interrupt?: AbortController
}

/**
 * A leader is asked while less than this many times one split's request waits: one chunk may, not
 * two.
 */
const enough = 1.5

/** Longest wait when one split is asked alone at the end of its log, ms: no data may ever come. */
const shortWait = 100

export function fetcher<S extends FetchedSplit>(
  attempt: Pick<AttemptContext, 'clock' | 'signal' | 'fail' | 'tell'>,
  connections: Pick<Connections, 'call'>,
  leaders: Leaders,
  { maxWait, partitionBytes, partitionsAtOnce }: FetchLimits,
  { arrived, held, settled }: FetcherParts<S>,
): Fetcher<S> {
  const { clock, signal } = attempt
  /** Splits in request order. */
  let line: readonly S[] = []
  /** Requests under way, by leader. */
  const asking = new Map<number, Asked<S>>()
  /** Chunks not yet taken, with their leader. */
  const untaken = new Set<{ readonly leader: number; readonly split: S; readonly bytes: number }>()
  const sizes = requestSizes<S>(partitionBytes)
  const recovery: FetchRecovery<S> = fetchRecovery(attempt, leaders, () => ask())
  const pinned = pinnedSplits<S>(attempt, connections)
  const polls = longPolls(maxWait)

  /** Asks every leader that is idle and has little waiting. Called after every change of either. */
  function ask(): void {
    if (signal.aborted) return
    const { led, leaderless } = leaders.available(wanted())
    for (const [split, error] of leaderless) recovery.failed(split, error)
    for (const [leader, its] of led) {
      if (backlog(leader) > enough * sizes.most(its)) continue
      const under = asking.get(leader)
      if (under !== undefined) {
        under.interrupt?.abort()
        continue
      }
      const asked = { leader, splits: new Set(its) }
      asking.set(leader, asked)
      askLeader(asked, its)
        .finally(() => asking.delete(leader))
        .then(ask)
        .catch(attempt.fail)
    }
  }

  /** Bytes of this leader's chunks that wait to be taken and are not held. */
  function backlog(leader: number): number {
    let waiting = 0
    for (const { leader: from, split, bytes } of untaken) if (from === leader && !held(split)) waiting += bytes
    return waiting
  }

  /** Splits to fetch that no request under way has. */
  function wanted(): S[] {
    const full = new Set([...untaken].map(({ split }) => split).filter(held))
    const busy = new Set([...asking.values()].flatMap(({ splits }) => [...splits]))
    return line.filter((split) => {
      const more = split.fetchOffset < split.bound || split.unconfirmed
      return more && !full.has(split) && !busy.has(split) && !recovery.rests(split)
    })
  }

  async function askLeader(asked: Asked<S>, its: readonly S[]): Promise<void> {
    const answers = await fetched(asked, its, polls.wait(asked.leader))
    polls.answered(asked.leader, answers)
    if (answers === null) return
    const open = its.map((split, at) => [split, answerFor(split, answers, at)] as const)
    for (const [at, [split, answer]] of open.entries()) {
      if (answer !== undefined && asked.splits.has(split)) answered(asked.leader, split, answer, at === 0)
    }
    for (const [split, answer] of open) {
      if (answer !== undefined && asked.splits.has(split) && atEnd(split, answer)) await confirmEnd(asked, split)
    }
  }

  /** Null if no answer came; the splits rest then. */
  async function fetched(
    asked: Asked<S>,
    its: readonly S[],
    wait: number,
  ): Promise<readonly FetchedPartition[] | null> {
    const partitions = its.map((split) => {
      const { topic, topicId, partition, fetchOffset } = split
      const epochs = {
        leaderEpoch: leaders.epoch(topic, partition),
        lastFetchedEpoch: split.epochs.before(fetchOffset),
      }
      return { topic, topicId, partition, offset: fetchOffset, maxBytes: sizes.of(split), ...epochs }
    })
    const args = { maxWait: wait, minBytes: 1, maxBytes: partitionsAtOnce * sizes.most(its), partitions }
    if (wait > maxWait) asked.interrupt = new AbortController()
    try {
      return await unlessMoved(
        clock,
        (options) => connections.call(asked.leader, fetch, args, options),
        () => moved(asked),
        wait + silence,
        asked.interrupt?.signal,
      )
    } catch (error) {
      if (!isPassing(error)) throw error
      if (asked.interrupt?.signal.aborted) return null
      for (const split of asked.splits) recovery.failed(split, error)
      return null
    }
  }

  /** While a leader is silent: looks for new leaders of its splits and asks them. */
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

  /** @param first of the request: a broker sends at least one whole batch of it, however large */
  function answered(leader: number, split: S, answer: FetchedPartition, first: boolean): void {
    const refusal = fetchRefusal(split, answer)
    if (refusal !== null) return recovery.failed(split, refusal)
    recovery.fine(split)
    split.readable = answer.lastStableOffset
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
    sizes.seen(split, largestIn(answer.records))
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

  /** True if there seems to be nothing readable before the bound (readTo.ts). */
  function atEnd(split: S, { errorCode, records, lastStableOffset }: FetchedPartition): boolean {
    const empty = errorCode === 0 && records.length === 0 && !recovery.rests(split)
    return empty && split.fetchOffset < split.bound && lastStableOffset >= split.bound
  }

  /** Asks for this split alone until it returns data, or its readable end is certain. */
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
