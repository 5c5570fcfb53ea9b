import type { Figures } from '../../view'
import { count, duration } from '../format'
import { Bar } from './bar'
import { PartitionsCard } from './partitionsCard'

/** Lag of each partition, the largest first. */
export function Lag({ figures }: { readonly figures: Figures }) {
  const { partitions, partitionCount } = figures
  const most = Math.max(1, ...partitions.map(({ lag }) => lag ?? 0))
  return (
    <PartitionsCard
      class="list short"
      shown={partitions.length}
      all={partitionCount}
      nothing="Nothing is known of the partitions yet."
    >
      <thead>
        <tr>
          <th scope="col">Topic</th>
          <th scope="col">Partition</th>
          <th scope="col">Lag</th>
          <th scope="col">
            <span class="unseen">Share of the largest lag</span>
          </th>
          <th scope="col">Event time</th>
        </tr>
      </thead>
      <tbody>
        {partitions.map(({ source, topic, partition, lag, delay }) => (
          <tr key={`${source} ${topic} ${partition}`}>
            <th scope="row">{topic}</th>
            <td>{partition}</td>
            <td>{count(lag)}</td>
            <td class="share">
              <Bar share={(lag ?? 0) / most} />
            </td>
            <td>{delay === null ? '–' : `−${duration(delay)}`}</td>
          </tr>
        ))}
      </tbody>
    </PartitionsCard>
  )
}
