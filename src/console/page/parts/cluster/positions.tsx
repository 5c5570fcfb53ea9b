import type { ClusterView } from '../../../view'
import { count } from '../../format'
import { Scroller } from '../scroller'

/** Partitions as the last checkpoints have read them, the largest lag first. */
export function Positions({ cluster }: { readonly cluster: ClusterView }) {
  const { partitions, partitionCount, shards } = cluster
  const several = shards.length > 1
  return (
    <section class="card" aria-labelledby="lag">
      <h2 id="lag">Partitions</h2>
      <Scroller class="list" label="Lag by partition">
        {partitions.length === 0 && <p class="quiet empty">No checkpoint names a partition yet.</p>}
        {partitions.length > 0 && (
          <table>
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
          </table>
        )}
        {partitionCount > partitions.length && (
          <p class="quiet">
            {partitions.length} of {partitionCount} partitions, those with the largest lag
          </p>
        )}
      </Scroller>
    </section>
  )
}
