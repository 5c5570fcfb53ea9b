import type { ClusterView } from '../../../view'
import { bytes, count, wholeSeconds } from '../../format'
import { Figure } from '../figure'

export function ClusterSummary({ cluster, now }: { readonly cluster: ClusterView; readonly now: number }) {
  const { shards, members, plan } = cluster
  const lags = shards.map(({ lag }) => lag)
  const lag = lags.some((one) => one === null) ? null : lags.reduce<number>((sum, one) => sum + (one ?? 0), 0)
  const ages = shards.flatMap(({ committedAt }) => committedAt ?? [])
  const oldest = ages.length === 0 || ages.length < shards.length ? null : Math.max(0, now - Math.min(...ages))
  const running = shards.filter(({ state }) => state === 'running' || state === 'idle').length
  const alive = members.filter(({ state }) => state !== 'silent').length
  const size = shards.reduce((sum, one) => sum + one.bytes, 0)
  return (
    <section class="card summary" aria-label="Summary">
      <dl>
        <Figure name="Lag" value={count(lag)} unit="offsets behind the last checkpoints" />
        <Figure
          name={shards.length > 1 ? 'Oldest checkpoint' : 'Last checkpoint'}
          value={oldest === null ? '–' : wholeSeconds(oldest)}
          unit={oldest === null ? 'not known' : 'ago'}
        />
        <Figure name="Snapshots" value={bytes(size)} unit="of the last checkpoints" />
        {plan !== null && (
          <>
            <Figure
              name="Shards"
              value={`${running} of ${shards.length}`}
              unit="run, as members say"
              tone={running < shards.length ? 'warn' : undefined}
            />
            <Figure
              name="Members"
              value={`${alive} of ${members.length}`}
              unit="heard in the last 15 s"
              tone={alive < members.length ? 'warn' : undefined}
            />
          </>
        )}
      </dl>
    </section>
  )
}
