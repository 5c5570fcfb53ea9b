/** The driver port (src/kafka/nodes/connections.ts) of one simulated process: like driver/openConnections.ts, with wires instead of sockets. */
import type { CodeOf } from '../../../src/errorCodes/errorCodes.ts'
import type { CallOptions, Connections, CoordinatorType, Metadata } from '../../../src/kafka/nodes/connections.ts'
import type { Api } from '../../../src/kafka/protocol/api.ts'
import { endTxn } from '../../../src/kafka/protocol/endTxn.ts'
import { fetch } from '../../../src/kafka/protocol/fetch.ts'
import { findCoordinator } from '../../../src/kafka/protocol/findCoordinator.ts'
import { metadata } from '../../../src/kafka/protocol/metadata.ts'
import type { Brokers } from '../broker/brokers.ts'
import type { Process } from '../core/process.ts'
import type { Rxweft } from '../core/rxweft.ts'
import { type Aimed, type FaultRates, fate, latency } from './faultRates.ts'
import { type Direction, type Fate, type Wire, wire } from './wire.ts'

export interface NetworkParts {
  readonly rxweft: Rxweft
  readonly brokers: Brokers
  readonly process: Process
  readonly rates: FaultRates
  readonly aimed: Aimed
  /** Whether a new connection of this process to that node gets through at the moment. */
  reaches(node: number): boolean
  /** Whether nothing gets through that way at the moment, and nobody is told. Default: everything does. */
  readonly blocked?: ((node: number, way: Direction) => boolean) | undefined
  readonly requestTimeout: number
  readonly transactionVersion: number
  /** The node that it asks first. */
  readonly bootstrap?: number | undefined
}

export interface SimulatedConnections extends Connections {
  /** Breaks every wire, or those to one node. */
  cut(node?: number): void
}

export function connections(name: string, parts: NetworkParts): SimulatedConnections {
  const { rxweft, brokers, process, rates, requestTimeout } = parts
  const { agenda, random, trace, topology } = brokers.shared
  const { RetriableError, RxweftError } = rxweft.errors
  const wires = new Map<string, Wire>()
  const coordinators = new Map<string, number>()
  let closed = false
  let turn = (parts.bootstrap ?? random.between(1, topology.nodes.length)) - 1

  const error = (code: CodeOf<'retriable'>) => new RetriableError(code, 'simulated')

  const reachable = (node: number): boolean => topology.isUp(node) && parts.reaches(node)

  function wireTo(node: number, purpose: string): Wire | null {
    const key = `${node} ${purpose}`
    const known = wires.get(key)
    if (known?.alive) return known
    if (!reachable(node)) return null
    const opened = wire(agenda, random, brokers, node)
    wires.set(key, opened)
    return opened
  }

  /** TCP replays nothing that was answered. Protocol v1 relies on that for EndTxn; whatever else is replayed is recognised. */
  function possible(api: number, its: Fate): Fate {
    return its === 'replayed' && api === endTxn.key && parts.transactionVersion < 2 ? 'fine' : its
  }

  /** What the answer brings about is on its way out when the process is stopped. */
  function frozen(): void {
    process.pause()
    agenda.after(random.between(50, 1_500), () => process.wake())
  }

  function send<A, R>(node: number, api: Api<A, R>, args: A, options: CallOptions): Promise<R> {
    const { timeout = requestTimeout + (api.hold?.(args) ?? 0), maxVersion = api.max, givenUp } = options
    const version = Math.min(api.max, maxVersion, parts.transactionVersion < 2 ? (v1[api.key] ?? Infinity) : Infinity)
    return new Promise((resolve, reject) => {
      const fail = (code: CodeOf<'retriable'>): void => process.receive(() => reject(error(code)))
      process.send(() => {
        if (closed) return fail('CONNECTION_CLOSED')
        if (givenUp?.aborted) return fail('CONNECTION_FAILED')
        const to = wireTo(node, api.key === fetch.key ? 'fetch' : 'rest')
        if (to === null) return void agenda.after(random.between(1, 20), () => fail('CONNECTION_FAILED'))
        const its = possible(api.key, fate(rates, parts.aimed, api.key, random))
        if (its !== 'fine') trace.note(() => `${process.name}: ${api.name} to ${node}: ${its}`)
        const timer = process.clock.setTimeout(() => {
          reject(error('REQUEST_TIMEOUT'))
          to.cut()
        }, timeout)
        givenUp?.addEventListener('abort', () => process.send(() => to.cut()))
        to.send({
          ...{ api: api.key, version, args, fate: its, latency: latency(rates, random) },
          blocked: parts.blocked && ((way) => parts.blocked?.(node, way) ?? false),
          answered: (answer) =>
            process.receive(() => {
              process.clock.clearTimeout(timer)
              resolve(answer as R)
              if (its === 'frozen') frozen()
            }),
          lost: () =>
            process.receive(() => {
              process.clock.clearTimeout(timer)
              reject(error(closed ? 'CONNECTION_CLOSED' : 'CONNECTION_LOST'))
            }),
        })
      })
    })
  }

  function anyNode(): number | null {
    const others = topology.nodes.filter(({ node }) => reachable(node))
    return others.length === 0 ? null : random.pick(others).node
  }

  /** Another broker first each time, and the next where one does not answer. */
  async function anywhere<A, R>(api: Api<A, R>, args: A): Promise<R> {
    const order = topology.nodes.map((_, at) => ((at + turn) % topology.nodes.length) + 1)
    turn += 1
    for (const node of order.filter(reachable)) {
      try {
        return await send(node, api, args, {})
      } catch (thrown) {
        if (closed) throw thrown
      }
    }
    return call('any', api, args)
  }

  async function call<A, R>(node: number | 'any', api: Api<A, R>, args: A, options: CallOptions = {}): Promise<R> {
    const to = node === 'any' ? anyNode() : node
    if (to === null) {
      await new Promise<void>((resolve) => process.send(() => agenda.after(10, () => process.receive(resolve))))
      throw error('BROKERS_UNREACHABLE')
    }
    return send(to, api, args, options).catch((thrown) => {
      for (const [key, its] of coordinators) if (node !== 'any' && its === node) coordinators.delete(key)
      throw thrown
    })
  }

  async function coordinator(type: CoordinatorType, key: string): Promise<number> {
    const known = coordinators.get(`${type} ${key}`)
    if (known !== undefined) return known
    const { errorCode, node } = await anywhere(findCoordinator, { type, key })
    if (errorCode !== 0) throw rxweft['kafka/nodes/brokerErrors'].brokerError(errorCode, 'FindCoordinator', {})
    coordinators.set(`${type} ${key}`, node)
    return node
  }

  if (!(error('REQUEST_TIMEOUT') instanceof RxweftError)) throw new Error('errors of two different copies')
  return {
    ...{ name, requestTimeout, transactionVersion: parts.transactionVersion, call, coordinator },
    metadata: (topics): Promise<Metadata> => anywhere(metadata, topics),
    forgetCoordinator: (type, key) => void coordinators.delete(`${type} ${key}`),
    async close() {
      closed = true
      process.send(() => {
        for (const open of wires.values()) open.cut()
      })
    },
    cut(node) {
      for (const [key, open] of wires) if (node === undefined || key.startsWith(`${node} `)) open.cut()
    },
  }
}

/** The newest versions that a cluster with transaction protocol v1 takes. */
const v1: Readonly<Record<number, number>> = { 0: 11, 26: 4, 28: 4 }
