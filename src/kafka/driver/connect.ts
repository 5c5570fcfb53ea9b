/**
 * Makes a set of connections (see connections.ts): knows where the nodes are, keeps one lane to each for Fetch and one for the rest,
 * and picks versions.
 */
import { FatalError, RetriableError } from '../../errors.ts'
import { brokerError } from '../brokerErrors.ts'
import type { CallOptions, Connections, CoordinatorType, Metadata } from '../connections.ts'
import type { Api } from '../protocol/api.ts'
import { fetch } from '../protocol/fetch.ts'
import { findCoordinator } from '../protocol/findCoordinator.ts'
import { metadata } from '../protocol/metadata.ts'
import { type Address, showAddress } from './address.ts'
import type { DriverSettings } from './driverSettings.ts'
import { noneReachable } from './failures.ts'
import { type Lane, lane } from './lane.ts'
import { sockets } from './sockets.ts'
import { chooseVersion } from './versions.ts'
import { openWire, type Wire } from './wire.ts'

/** Resolves once a broker has answered. Rejects with BROKERS_UNREACHABLE where none does. */
export async function connect(name: string, settings: DriverSettings): Promise<Connections> {
  const { requestTimeout } = settings
  const open = sockets()
  const lanes = new Map<string, Lane>()
  const nodes = new Map<number, Address>()
  const coordinators = new Map<string, number>()

  function laneTo(address: Address, purpose: 'fetch' | 'rest'): Lane {
    const key = `${showAddress(address)} ${purpose}`
    const found = lanes.get(key)
    if (found !== undefined) return found
    const made = lane(() => openWire(address, settings, open))
    lanes.set(key, made)
    return made
  }

  function over<A, R>(address: Address, api: Api<A, R>, args: A, options: CallOptions): Promise<R> {
    const { timeout = requestTimeout + (api.hold?.(args) ?? 0), maxVersion = api.max } = options
    const purpose = api.key === fetch.key ? 'fetch' : 'rest'
    return laneTo(address, purpose)
      .ready()
      .then((wire) => wire.send(api, args, chooseVersion(wire.abilities, api, args, maxVersion, address), timeout))
  }

  /** A broker that can be reached: one that is connected already, one that is known, one that was configured. */
  async function reachable(): Promise<{ readonly address: Address; readonly wire: Wire }> {
    const tried: [Address, RetriableError][] = []
    for (const address of candidates()) {
      try {
        return { address, wire: await laneTo(address, 'rest').ready() }
      } catch (error) {
        if (error instanceof FatalError || open.closed) throw error
        tried.push([address, error as RetriableError])
      }
    }
    throw noneReachable(tried)
  }

  function candidates(): readonly Address[] {
    const all = new Map([...nodes.values(), ...settings.brokers].map((address) => [showAddress(address), address]))
    const connected = (address: Address): boolean => laneTo(address, 'rest').open
    return [...all.values()].sort((a, b) => Number(connected(b)) - Number(connected(a)))
  }

  async function locate(node: number): Promise<Address> {
    await ask([])
    const address = nodes.get(node)
    if (address !== undefined) return address
    throw new RetriableError('NODE_UNKNOWN', `the cluster has no broker with node id ${node} at the moment`)
  }

  async function ask(topics: readonly string[]): Promise<Metadata> {
    const { address } = await reachable()
    const answer = await over(address, metadata, topics, {})
    for (const { node, host, port } of answer.brokers) nodes.set(node, { host, port })
    return answer
  }

  async function coordinator(type: CoordinatorType, key: string): Promise<number> {
    const known = coordinators.get(`${type} ${key}`)
    if (known !== undefined) return known
    const { address } = await reachable()
    const found = await over(address, findCoordinator, { type, key }, {})
    const { errorCode, errorMessage, node, host, port } = found
    if (errorCode !== 0) throw brokerError(errorCode, `FindCoordinator of ${type} ${key}`, {}, errorMessage)
    nodes.set(node, { host, port })
    coordinators.set(`${type} ${key}`, node)
    return node
  }

  /** A node that cannot be reached may not be the coordinator of anything any more. */
  function forgetNode(node: number): void {
    for (const [key, its] of coordinators) if (its === node) coordinators.delete(key)
  }

  try {
    const { wire } = await reachable()
    await ask([])
    return {
      name,
      requestTimeout,
      transactionVersion: wire.abilities.features.get('transaction.version') ?? 0,
      async call(node, api, args, options = {}) {
        // What is known is used at once: awaiting it could let a later call go first.
        const known = node === 'any' ? undefined : nodes.get(node)
        const address = known ?? (node === 'any' ? (await reachable()).address : await locate(node))
        return over(address, api, args, options).catch((error) => {
          if (node !== 'any') forgetNode(node)
          throw error
        })
      },
      metadata: ask,
      coordinator,
      forgetCoordinator: (type, key) => void coordinators.delete(`${type} ${key}`),
      close: open.close,
    }
  } catch (error) {
    await open.close()
    throw error
  }
}
