/** What the page shows of a job that is seen from its cluster: a pure function of what was read. */
import type { ClusterPartition, ClusterView, Commit } from '../console/view.ts'
import { type Facts, jobStatus, lagAt } from './jobStatus.ts'

/** Partitions and commits that are shown, at most. */
const most = { partitions: 200, commits: 60 }

/** @param before what was shown until now */
export function clusterView(facts: Facts, before: ClusterView): ClusterView {
  const { plan, slots, members, shards } = jobStatus(facts)
  const partitions = partitionsOf(facts)
  const commits = shards.flatMap(({ shard, checkpoint, age, bytes }): Commit[] => {
    const known = before.commits.findLast((one) => one.shard === shard)
    if (checkpoint === null || known?.number === checkpoint) return []
    return [{ shard, number: checkpoint, at: age === null ? null : facts.now - age, bytes }]
  })
  return {
    ...before,
    ...{ readAt: facts.now, failure: null, plan, slots, members },
    shards: shards.map(({ shard, owner, instance, planned, state, checkpoint, age, lag, bytes, error }) => ({
      ...{ shard, state, checkpoint, lag, bytes, error: error ?? null },
      owner: instance ?? owner,
      planned: planned === null ? null : (planned.instance ?? planned.member),
      committedAt: age === null ? null : facts.now - age,
    })),
    partitions: partitions.slice(0, most.partitions),
    partitionCount: partitions.length,
    commits: [...before.commits, ...commits].slice(-most.commits),
  }
}

/** Those of which nothing is known first, then the largest lag. */
function partitionsOf({ ledger, endOf }: Facts): readonly ClusterPartition[] {
  const all = ledger.flatMap((fact, shard) =>
    (fact?.entry.positions ?? []).flatMap(({ source, splits }) =>
      splits.map((split): ClusterPartition => {
        const { topic, partition, offset } = split
        return { source, topic, partition, shard, offset, end: endOf(split), lag: lagAt(split, endOf) }
      }),
    ),
  )
  const order = ({ lag }: ClusterPartition): number => lag ?? Number.POSITIVE_INFINITY
  return all.sort((a, b) => (order(a) === order(b) ? 0 : order(b) - order(a)))
}
