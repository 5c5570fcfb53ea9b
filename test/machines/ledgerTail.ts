/** Follows the ledger of a job: every commit of every shard, as it becomes visible. */
import { decodeEntry } from '../../src/checkpoint/ledgerCodec.ts'
import { ledgerTopicName } from '../../src/checkpoint/names.ts'
import { systemClock } from '../../src/clock.ts'
import type { RecordCursor } from '../../src/kafka/batch/readBatches.ts'
import { kafkaCluster } from '../../src/kafka/cluster.ts'
import { tailSplits } from '../../src/kafka/reading/tailSplits.ts'
import type { Commit } from './handOvers.ts'

export interface LedgerTail {
  /** Checkpoints, in order, shard by shard. */
  readonly commits: readonly Commit[]
  /** Incarnation that has signed last, by shard. */
  readonly owners: ReadonlyMap<number, string>
  close(): Promise<void>
}

export async function ledgerTail(brokers: readonly string[], job: string, shards: number): Promise<LedgerTail> {
  const topic = ledgerTopicName('rxweft', job)
  const over = new AbortController()
  const connections = await kafkaCluster({ brokers, requestTimeout: 5_000 }).connect('machines')
  const commits: Commit[] = []
  const owners = new Map<number, string>()
  const last = new Map<number, number>()

  /** After a failure some come again; an ownership record signs a checkpoint that has been there. */
  function each(shard: number, record: RecordCursor): void {
    const value = record.value()
    if (value === null) return
    const { checkpoint, owner } = decodeEntry(value, topic)
    owners.set(shard, owner)
    if (checkpoint <= (last.get(shard) ?? 0)) return
    last.set(shard, checkpoint)
    commits.push({ shard, checkpoint, owner, time: record.timestamp })
  }

  const partitions = Array.from({ length: shards }, (_, shard) => shard)
  const following = tailSplits({
    clock: systemClock,
    signal: over.signal,
    connections,
    topic,
    partitions,
    each,
    failed: () => undefined,
  })
  return {
    commits,
    owners,
    async close() {
      over.abort()
      await connections.close()
      await following
    },
  }
}
