/** Receives the view from the server, again and again. */
import type { ClusterView, Incident, Message, View } from '../view.ts'

export type Received = {
  /** Time of the server minus time of the browser, ms. */
  readonly skew: number
} & ({ readonly view: View } | { readonly cluster: ClusterView })

export type Link =
  | { readonly state: 'connecting' }
  | { readonly state: 'open' }
  /** The token is wanted. */
  | { readonly state: 'locked' }
  /** The process does not answer, since that time of the browser. */
  | { readonly state: 'lost'; readonly since: number }

export interface Listener {
  link(link: Link): void
  received(received: Received): void
}

/** Time without any message after which a connection counts as lost, ms. */
const patience = 5_000
const pause = 1_000

const action = { 'x-rxweft-console': '1', 'content-type': 'application/json' }

export function post(path: string, body: unknown): Promise<Response> {
  return fetch(path, { method: 'POST', headers: action, body: JSON.stringify(body) })
}

export function connect(listener: Listener): () => void {
  let view: Partial<View> = {}
  let boot: string | null = null
  let lostAt: number | null = null
  /** What this page itself has seen of earlier processes. */
  let seen: readonly Incident[] = []
  let source: EventSource | null = null
  let timer: ReturnType<typeof setTimeout> | undefined

  function lost(): void {
    source?.close()
    source = null
    lostAt ??= Date.now()
    listener.link({ state: 'lost', since: lostAt })
    clearTimeout(timer)
    timer = setTimeout(open, pause)
  }

  function heard(): void {
    clearTimeout(timer)
    timer = setTimeout(lost, patience)
  }

  async function open(): Promise<void> {
    const session = await fetch('/api/session').catch(() => null)
    if (session === null || !session.ok) return lost()
    if (!(await session.json()).known) return listener.link({ state: 'locked' })
    source = new EventSource('/api/events')
    source.onmessage = ({ data }) => receive(JSON.parse(data))
    source.onerror = lost
    heard()
  }

  function receive({ boot: from, now, cluster, ...parts }: Message): void {
    heard()
    const skew = now - Date.now()
    if (boot !== null && boot !== from) {
      seen = [
        ...seen,
        ...(view.incidents ?? []).filter(({ kind }) => kind !== 'notice'),
        replaced(lostAt ?? Date.now()),
      ]
      view = {}
    }
    boot = from
    lostAt = null
    view = { ...view, ...parts }
    listener.link({ state: 'open' })
    if (cluster !== undefined) return listener.received({ skew, cluster })
    if (!isWhole(view)) return
    const incidents = [...seen.map((one, at) => ({ ...one, id: -1 - at })), ...view.incidents]
    listener.received({ skew, view: { ...view, incidents } })
  }

  open()
  return () => {
    clearTimeout(timer)
    source?.close()
  }
}

function isWhole(view: Partial<View>): view is View {
  return view.job !== undefined && view.graph !== undefined && view.marbles !== undefined
}

/** The process that answers is another one than before. */
function replaced(at: number): Incident {
  const what = 'the process of the job ended, and another one has taken its place'
  const hint = 'Seen by this browser: what the old process had to say about it is in its log'
  return {
    ...{ id: 0, at, shard: null, kind: 'process', resumed: null },
    reason: { code: 'process replaced', what, where: '', hint },
  }
}
