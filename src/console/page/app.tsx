import { useEffect, useState } from 'preact/hooks'
import { connect, type Link, type Received } from './connection'
import { clockTime } from './format'
import { Aside } from './parts/aside'
import { Banner } from './parts/banner'
import { Checkpoints } from './parts/checkpoints'
import { ClusterPage } from './parts/cluster/clusterPage'
import { Graph } from './parts/graph'
import { Incidents } from './parts/incidents'
import { Lag } from './parts/lag'
import { Locked, tokenFromAddress } from './parts/locked'
import { MarbleLanes } from './parts/marbles'
import { Operators } from './parts/operators'
import { Summary } from './parts/summary'
import { Top } from './parts/top'

export function App() {
  const [link, setLink] = useState<Link>({ state: 'connecting' })
  const [received, setReceived] = useState<Received | null>(null)
  const [tries, setTries] = useState(0)
  useEffect(() => {
    let close = (): void => undefined
    let left = false
    tokenFromAddress().then(() => {
      if (!left) close = connect({ link: setLink, received: setReceived })
    })
    return () => {
      left = true
      close()
    }
  }, [tries])
  const time = useTime()

  if (link.state === 'locked') return <Locked admitted={() => setTries(tries + 1)} />
  if (received === null) return <Waiting link={link} />
  const { skew } = received
  const now = time + skew
  if ('cluster' in received) {
    document.title = `${received.cluster.name} · cluster`
    return <ClusterPage cluster={received.cluster} link={link} now={now} skew={skew} />
  }
  const { view } = received
  document.title = `${view.job.name} · ${view.job.status.state}`
  return (
    <div class={link.state === 'lost' ? 'page stale' : 'page'}>
      <Top job={view.job} now={now} usable={link.state === 'open'} />
      <Banner job={view.job} figures={view.figures} link={link} now={now} skew={skew} />
      <main>
        <Summary view={view} now={now} />
        <Graph graph={view.graph} figures={view.figures} />
        <Operators graph={view.graph} figures={view.figures} />
        <MarbleLanes graph={view.graph} marbles={view.marbles} checkpoints={view.checkpoints} />
        <div class="pair">
          <Checkpoints checkpoints={view.checkpoints} now={now} />
          <Incidents incidents={view.incidents} now={now} since={view.job.since} />
        </div>
        <div class="pair">
          <Lag figures={view.figures} />
          <Aside aside={view.aside} since={view.job.since} />
        </div>
      </main>
      <footer>
        <p>
          Watched since {clockTime(view.job.since)}. Times are those of this browser’s zone. No record, key or value is
          shown.
        </p>
      </footer>
    </div>
  )
}

function Waiting({ link }: { readonly link: Link }) {
  return (
    <main class="alone" aria-busy="true">
      <h1>rxweft</h1>
      <p role="status">{link.state === 'lost' ? 'The process does not answer. Trying again …' : 'Connecting …'}</p>
    </main>
  )
}

/** Time of the browser, each second. */
function useTime(): number {
  const [time, setTime] = useState(Date.now())
  useEffect(() => {
    const timer = setInterval(() => setTime(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [])
  return time
}
