/**
 * The transaction coordinator: the state of each transactional id, by the rules of Kafka 4 (TransactionCoordinator). Protocol v2
 * raises the epoch at each end of a transaction, v1 only at InitProducerId. Decisions take effect here; markers follow later, and
 * until the last one is written the id answers CONCURRENT_TRANSACTIONS. Where its epochs run out, the id gets another producer id.
 */
import type { EndTxnArgs } from '../../../src/kafka/protocol/endTxn.ts'
import type { ProducerIdAnswer } from '../../../src/kafka/protocol/initProducerId.ts'
import { errors } from './errors.ts'

export type TransactionState =
  | 'Empty'
  | 'Ongoing'
  | 'PrepareCommit'
  | 'PrepareAbort'
  | 'CompleteCommit'
  | 'CompleteAbort'

export interface Transaction {
  readonly id: string
  producerId: number
  /** The one before it, -1: none; and the one after the markers (v2). */
  lastProducerId: number
  nextProducerId: number
  epoch: number
  lastEpoch: number
  state: TransactionState
  /** Partitions and groups that it writes to. */
  readonly places: Set<string>
  timeout: number
  startedAt: number
  v2: boolean
}

export interface TransactionsParts {
  now(): number
  newProducerId(): number
  /** The epoch that a new id is at; -1: none yet. */
  firstEpoch(): number
  /** Decided: markers are to be written to `places`; `done` when all are. */
  decided(transaction: Transaction, committed: boolean, places: readonly string[], done: () => void): void
}

export interface Transactions {
  init(id: string, timeout: number, producerId: number, epoch: number): ProducerIdAnswer
  /** 0, or an error. `verify`: only see whether it is part of it already (protocol v1). */
  add(id: string, producerId: number, epoch: number, places: readonly string[], v2: boolean, verify?: boolean): number
  end(id: string, producerId: number, epoch: number, committed: boolean, v2: boolean): ProducerIdAnswer
  /** What a coordinator answers that knows only `states`, and can write nothing; null: nothing without writing. */
  endFrom(states: TransactionStates, args: EndTxnArgs, v2: boolean): ProducerIdAnswer | null
  /** Aborts what has been open for too long. */
  expire(): void
  readonly all: ReadonlyMap<string, Transaction>
}

/** As they were at some time. */
export type TransactionStates = ReadonlyMap<string, Readonly<Omit<Transaction, 'places'>>>

/** The last epoch that a client gets: the one after it is for fencing (Short.MAX_VALUE - 1). */
const lastOfAll = 32_766
const exhausted = (epoch: number): boolean => epoch >= lastOfAll

/** Longer ones are refused, ms (transaction.max.timeout.ms). */
const longestTimeout = 900_000

export function transactions(parts: TransactionsParts): Transactions {
  const all = new Map<string, Transaction>()
  const answer = (errorCode: number, producerId = -1, producerEpoch = -1): ProducerIdAnswer => {
    return { errorCode, producerId, producerEpoch }
  }

  function create(id: string, timeout: number): Transaction {
    const none = { lastProducerId: -1, nextProducerId: -1, lastEpoch: -1 }
    const ids = { id, producerId: parts.newProducerId(), epoch: parts.firstEpoch(), ...none }
    const made: Transaction = { ...ids, state: 'Empty', places: new Set(), timeout, startedAt: 0, v2: false }
    all.set(id, made)
    return made
  }

  function decide(transaction: Transaction, committed: boolean): void {
    transaction.state = committed ? 'PrepareCommit' : 'PrepareAbort'
    if (transaction.v2 && exhausted(transaction.epoch)) transaction.nextProducerId = parts.newProducerId()
    if (transaction.v2) raise(transaction, transaction.epoch)
    parts.decided(transaction, committed, [...transaction.places], () => {
      transaction.places.clear()
      transaction.state = committed ? 'CompleteCommit' : 'CompleteAbort'
      if (transaction.nextProducerId >= 0) rotate(transaction, transaction.nextProducerId, transaction.epoch)
    })
  }

  /** So that whoever has the id now can do nothing more. In v2 the decision raises the epoch by itself. */
  function fence(transaction: Transaction): void {
    if (!transaction.v2) raise(transaction, -1)
    decide(transaction, false)
  }

  function nextEpoch(transaction: Transaction, claimed: number): number {
    if (exhausted(transaction.epoch)) {
      // Kafka's coordinator fails with an exception where the claim is an older one.
      if (claimed >= 0 && claimed !== transaction.epoch) return errors.unknownServer
      return rotate(transaction, parts.newProducerId(), claimed < 0 ? -1 : transaction.epoch)
    }
    if (claimed < 0) return raise(transaction, -1)
    if (transaction.epoch < 0 || claimed === transaction.epoch) return raise(transaction, transaction.epoch)
    // The answer to the same request was lost.
    return claimed === transaction.lastEpoch ? 0 : errors.fenced
  }

  return {
    all,
    init(id, timeout, producerId, epoch) {
      if (timeout > longestTimeout || timeout <= 0) return answer(errors.invalidTimeout)
      const transaction = all.get(id) ?? create(id, timeout)
      const known =
        producerId === transaction.producerId || (producerId === transaction.lastProducerId && exhausted(epoch))
      if (producerId >= 0 && transaction.epoch >= 0 && !known) return answer(errors.fenced)
      if (transaction.state.startsWith('Prepare')) return answer(errors.concurrent)
      if (transaction.state === 'Ongoing') {
        fence(transaction)
        return answer(errors.concurrent)
      }
      const errorCode = nextEpoch(transaction, epoch)
      if (errorCode !== 0) return answer(errorCode)
      transaction.timeout = timeout
      return answer(0, transaction.producerId, transaction.epoch)
    },
    add(id, producerId, epoch, places, v2, verify = false) {
      const transaction = all.get(id)
      if (transaction === undefined || transaction.producerId !== producerId) return errors.invalidMapping
      if (transaction.epoch !== epoch) return errors.fenced
      if (transaction.state.startsWith('Prepare')) return errors.concurrent
      const ongoing = transaction.state === 'Ongoing'
      if (verify) return ongoing && places.every((place) => transaction.places.has(place)) ? 0 : errors.abortable
      if (!ongoing) transaction.startedAt = parts.now()
      transaction.state = 'Ongoing'
      transaction.v2 = v2
      for (const place of places) transaction.places.add(place)
      return 0
    },
    end(id, producerId, epoch, committed, v2) {
      const transaction = all.get(id)
      const verdict = mayEnd(transaction, producerId, epoch, committed, v2)
      if (typeof verdict === 'number') return answer(verdict)
      const ended = transaction as Transaction
      if (verdict === 'decide') {
        ended.v2 = v2
        decide(ended, committed)
      }
      return answer(0, ended.producerId, ended.epoch)
    },
    endFrom(states, { transactionalId, producerId, producerEpoch, committed }, v2) {
      const transaction = states.get(transactionalId)
      const verdict = mayEnd(transaction, producerId, producerEpoch, committed, v2)
      if (verdict === 'decide') return null
      if (typeof verdict === 'number') return answer(verdict)
      return answer(0, transaction?.producerId, transaction?.epoch)
    },
    expire() {
      for (const transaction of all.values()) {
        if (transaction.state === 'Ongoing' && parts.now() - transaction.startedAt > transaction.timeout)
          fence(transaction)
      }
    },
  }
}

/** As they are now. */
export function statesOf({ all }: Transactions): TransactionStates {
  return new Map([...all].map(([id, transaction]) => [id, { ...transaction }]))
}

function raise(transaction: Transaction, lastEpoch: number): number {
  transaction.epoch += 1
  transaction.lastEpoch = lastEpoch
  return 0
}

/** Another producer id, whose epochs begin anew. */
function rotate(transaction: Transaction, producerId: number, lastEpoch: number): number {
  Object.assign(transaction, { producerId, lastProducerId: transaction.producerId, nextProducerId: -1 })
  Object.assign(transaction, { epoch: 0, lastEpoch })
  return 0
}

/** 'again': it is done already. */
type Verdict = 'decide' | 'again' | number
type Judged = Readonly<Omit<Transaction, 'places'>>

function mayEnd(
  transaction: Judged | undefined,
  producerId: number,
  epoch: number,
  committed: boolean,
  v2: boolean,
): Verdict {
  if (transaction === undefined) return errors.invalidMapping
  const { lastProducerId, epoch: current } = transaction
  const before = v2 && lastProducerId === producerId && epoch === lastOfAll && current === 0
  if (transaction.producerId !== producerId && !before) return errors.invalidMapping
  if (!v2) return mayEnd1(transaction, epoch, committed)
  return mayEnd2(before ? { ...transaction, epoch: epoch + 1 } : transaction, epoch, committed)
}

function mayEnd1({ state, epoch: current }: Judged, epoch: number, committed: boolean): Verdict {
  if (epoch !== current) return errors.fenced
  if (state === 'Ongoing') return 'decide'
  const mine = committed ? 'Commit' : 'Abort'
  if (state === `Complete${mine}`) return 'again'
  return state === `Prepare${mine}` ? errors.concurrent : errors.invalidState
}

/** An epoch one lower than the current one is a repetition: the decision itself has raised it. */
function mayEnd2({ state, epoch: current }: Judged, epoch: number, committed: boolean): Verdict {
  const repeated = epoch === current - 1
  const mine = committed ? 'Commit' : 'Abort'
  if (state === 'Ongoing') return epoch === current ? 'decide' : errors.fenced
  if (state.startsWith('Prepare')) {
    if (!repeated) return errors.fenced
    return state === `Prepare${mine}` ? errors.concurrent : errors.invalidState
  }
  if (epoch !== current && (state === 'Empty' || !repeated)) return errors.fenced
  if (repeated) return state === `Complete${mine}` ? 'again' : errors.invalidState
  return committed ? errors.invalidState : 'decide'
}
