/**
 * A TCP proxy between job and broker that reads along. It cuts the connection at a request of one's choice:
 *
 *   'request'   the broker never gets it
 *   'answer'    the broker has done it, and the job never hears
 *
 * delays every frame, lets nothing through at all for a while, or detains requests until after their sender has died.
 *
 * The broker must send its clients here: give it a listener whose advertised address is that of the proxy.
 */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { type Deferred, deferred } from '../../src/deferred.ts'
import { type Link, type Proxied, proxied } from './proxied.ts'

export interface Cut {
  /** Kafka's number of the request: 26 is EndTxn. */
  readonly api: number
  /** At its how-manieth occurrence, counted from the call of `cutAt`. */
  readonly nth: number
  readonly lose: 'request' | 'answer'
}

export interface KafkaProxy {
  /** host:port */
  readonly address: string
  /** Where connections go from now on: host:port. */
  target: string
  /** Resolves when the cut has happened. The connection is gone by then, and later ones are let through. */
  cutAt(cut: Cut): Promise<void>
  /** Every frame takes so much longer from now on, ms, in both directions. */
  delay(ms: number): void
  /** Nothing passes, in either direction, and connections stay open; false: it flows again. */
  stall(stalled: boolean): void
  /**
   * Requests on the connections that are open now do not pass, even if their sender ends, until `release`. Resolves once there is
   * one of this api among them.
   */
  detain(api: number): Promise<void>
  release(): void
  /** No fault any more, planned or under way. */
  calm(): void
  close(): Promise<void>
}

export async function startKafkaProxy(): Promise<KafkaProxy> {
  const open = new Set<Proxied>()
  let planned: (Cut & { seen: number; readonly done: Deferred<void> }) | null = null
  let wanted: { readonly api: number; readonly caught: Deferred<void> } | null = null

  /** What of the plan a request brings about. */
  function due(api: number): ((() => void) & { readonly lose: Cut['lose'] }) | null {
    if (planned?.api !== api) return null
    planned.seen += 1
    const { nth, seen, lose, done } = planned
    if (seen !== nth) return null
    const happened = (): void => {
      planned = null
      done.resolve()
    }
    return Object.assign(happened, { lose })
  }

  const link: Link = {
    target: () => proxy.target,
    delay: 0,
    stalled: false,
    due,
    detained: (api) => {
      if (wanted?.api === api) wanted.caught.resolve()
    },
    closed: (one) => open.delete(one),
  }
  const server = createServer((client) => open.add(proxied(client, link)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const proxy: KafkaProxy = {
    address: `localhost:${(server.address() as AddressInfo).port}`,
    target: '',
    cutAt(cut) {
      planned = { ...cut, seen: 0, done: deferred() }
      return planned.done.promise
    },
    delay(ms) {
      link.delay = ms
    },
    stall(stalled) {
      link.stalled = stalled
      for (const one of open) one.pump()
    },
    detain(api) {
      wanted = { api, caught: deferred() }
      for (const one of open) one.detain(true)
      return wanted.caught.promise
    },
    release() {
      wanted = null
      for (const one of open) one.detain(false)
    },
    calm() {
      planned = null
      proxy.delay(0)
      proxy.stall(false)
      proxy.release()
    },
    async close() {
      for (const one of open) one.end()
      server.close()
      await once(server, 'close')
    },
  }
  return proxy
}
