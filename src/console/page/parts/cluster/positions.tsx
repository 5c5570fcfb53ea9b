import type { ClusterView } from '../../../view'
import { count } from '../../format'
import { PartitionsCard } from '../partitionsCard'

/** Partitions as the last checkpoints have read them, the largest lag first. */
export function Positions({ cluster }: { readonly cluster: ClusterView }) {
  const { partitions, partitionCount, shards } = cluster
  const several = shards.length > 1
  return (
    <PartitionsCard
      class="list"
      shown={partitions.length}
      all={partitionCount}
      nothing="No checkpoint names a partition yet."
    >
      <thead>
        <tr>
          <th scope="col">Topic</th>
          <th scope="col">Partition</th>
          {several && <th scope="col">Shard</th>}
          <th scope="col">Lag</th>
          <th scope="col">Offset</th>
          <th scope="col">End</th>
        </tr>
      </thead>
      <tbody>
        {partitions.map(({ source, topic, partition, shard, lag, offset, end }) => (
          <tr key={`${source} ${topic} ${partition} ${shard}`} data-partition={`${topic}/${partition}`}>
            <th scope="row">
              {topic} <small>{source}</small>
            </th>
            <td>{partition}</td>
            {several && <td>{shard}</td>}
            <td>{count(lag)}</td>
            <td>{offset.toLocaleString('en')}</td>
            <td>{end === null ? 'no such partition' : end.toLocaleString('en')}</td>
          </tr>
        ))}
      </tbody>
    </PartitionsCard>
  )
}
