/** Everything in one simulation: time, chance, brokers, disk, and the owners of the job. */

import { decodeEntry } from '../../src/checkpoint/ledgerCodec.ts'
import { decodePlan } from '../../src/checkpoint/planCodec.ts'
import type { LedgerEntry } from '../../src/contracts/ledger.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import { readBatches } from '../../src/kafka/batch/readBatches.ts'
import { type Brokers, brokers } from './broker/brokers.ts'
import { moods } from './broker/moods.ts'
import type { Transaction } from './broker/transactions.ts'
import { bucket } from './bucket/bucket.ts'
import { ledgerTopic, planTopic, planWriter, type SimulationConfig, sourceTopic } from './config.ts'
import { type Agenda, agenda } from './core/agenda.ts'
import type { Random } from './core/random.ts'
import type { Rxweft } from './core/rxweft.ts'
import { type Trace, trace } from './core/trace.ts'
import { deadLetters, refusalOf } from './refusals.ts'
import { type Disk, disk } from './storage.ts'

/** A ledger entry at the moment when its transaction was decided. */
export interface Decision {
  readonly shard: number
  /** How many shards the job has. */
  readonly shards: number
  readonly at: number
  readonly entry: LedgerEntry
  /** The snapshot that it names was on the disk, or in the entry. */
  readonly stored: boolean
}

/** A plan at the moment when its transaction was decided. */
export interface PlanDecision {
  readonly at: number
  readonly plan: Plan
  /** The shards whose entries were decided with it. */
  readonly entries: readonly number[]
}

export interface World {
  readonly rxweft: Rxweft
  readonly config: SimulationConfig
  readonly random: Random
  /** The chance by which clocks go wrong. */
  readonly clocks: Random
  /** The chance by which disasters happen. */
  readonly disasters: Random
  readonly agenda: Agenda
  readonly trace: Trace
  readonly brokers: Brokers
  readonly disk: Disk
  readonly decisions: readonly Decision[]
  readonly plans: readonly PlanDecision[]
  /** Transactions of the job that were committed without an entry: output that nobody has decided. */
  readonly undecided: readonly string[]
}

export function world(
  rxweft: Rxweft,
  config: SimulationConfig,
  { random, clocks, disasters }: Pick<World, 'random' | 'clocks' | 'disasters'>,
  traced: boolean,
): World {
  const time = agenda(1_000_000)
  const notes = trace(() => time.now() - 1_000_000, traced)
  const stored =
    config.bucket === undefined
      ? disk(rxweft, time, random, notes, config.inline)
      : bucket(rxweft, time, random, notes, config.bucket, config.inline)
  const decisions: Decision[] = []
  const plans: PlanDecision[] = []
  const undecided: string[] = []
  const { nodes, minIsr } = config
  const all = brokers({
    ...{ agenda: time, random, trace: notes, moods: moods(random), nodes, minIsr, decided, refuses },
    ...{ verifies: config.verifies, firstEpoch: () => config.firstEpoch },
  })
  const { topology } = all.shared

  /** What the topics of sinks refuse, and only they. */
  function refuses(topic: string, records: Buffer) {
    if (config.refusals === undefined || !config.sinks.includes(topic)) return null
    return refusalOf(config.refusals, time.now(), records)
  }

  function decided(transaction: Transaction, committed: boolean): void {
    if (!committed) return
    const shards = Array.from({ length: Math.max(...config.shards) }, (_, shard) => shard)
    const found = shards.flatMap((shard) => {
      const bytes = undecidedRecord(transaction.producerId, ledgerTopic, shard)
      return bytes === null ? [] : [{ shard, entry: decodeEntry(bytes, ledgerTopic) }]
    })
    if (transaction.id === planWriter)
      decidedPlan(
        transaction,
        found.map(({ shard }) => shard),
      )
    // A request that comes a second time opens a transaction again: nothing is in it.
    else if (found.length !== 1 && topology.partitions.some(({ log }) => isOpenFor(log, transaction.producerId)))
      undecided.push(`a transaction of ${transaction.id} is committed with ${found.length} entries of shards`)
    for (const { shard, entry } of found) {
      const { checkpoint, owner, snapshot } = entry
      const count = entry.slots === undefined ? 1 : (plans.at(-1)?.plan.owners.length ?? 0)
      const of = config.shards.length > 1 ? ` of shard ${shard} (${count}), plan ${entry.plan},` : ''
      notes.note(() => `ledger: checkpoint ${checkpoint}${of} of ${owner.slice(0, 8)} is decided`)
      const isThere = snapshot === null || stored.files.has(snapshot.key) || entry.inline?.[snapshot.key] !== undefined
      decisions.push({ at: time.now(), shard, shards: count, entry, stored: isThere })
    }
  }

  function decidedPlan({ producerId, id }: Transaction, entries: readonly number[]): void {
    const bytes = undecidedRecord(producerId, planTopic, 0)
    if (bytes === null) return void undecided.push(`a transaction of ${id} is committed without a plan`)
    const { plan } = decodePlan(bytes, planTopic)
    const owners = plan.owners.map((owner) => owner?.slice(0, 8)).join(', ')
    notes.note(() => `plan ${plan.number} of ${owners} is decided, with ${entries.length} entries`)
    plans.push({ at: time.now(), plan, entries })
  }

  const isOpenFor = ({ open }: { readonly open: readonly { readonly producerId: number }[] }, producer: number) =>
    open.some(({ producerId }) => producerId === producer)

  /** The last record of a partition in the open transaction of this producer. */
  function undecidedRecord(producerId: number, topic: string, partition: number): Uint8Array | null {
    const log = topology.find(topic, partition)?.log
    if (log === undefined || !isOpenFor(log, producerId)) return null
    const found = log.batches.findLast(({ part }) => part?.producerId === producerId && part.outcome === 'open')
    let last: Uint8Array | null = null
    if (found === undefined) return null
    for (const batch of readBatches(found.bytes, { topic, partition })) {
      batch.records((record) => {
        last = record.value() ?? Buffer.alloc(0)
      })
    }
    return last
  }

  topology.create(sourceTopic, config.partitions)
  for (const sink of config.sinks) topology.create(sink, config.partitions)
  if (config.refusals !== undefined) topology.create(deadLetters, config.partitions)
  return {
    rxweft,
    config,
    random,
    clocks,
    disasters,
    agenda: time,
    trace: notes,
    brokers: all,
    disk: stored,
    decisions,
    plans,
    undecided,
  }
}
