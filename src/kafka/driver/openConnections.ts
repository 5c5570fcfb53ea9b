/**
 * Makes a set of connections (connections.ts): knows the nodes' addresses, keeps one link to each
 * node for Fetch and one for everything else, and chooses versions.
 */
import { FatalError, RetriableError, RxweftError } from '../../errors.ts'
import type { Notice } from '../../notice.ts'
import { brokerError } from '../nodes/brokerErrors.ts'
import type { CallOptions, Connections, CoordinatorType, Metadata } from '../nodes/connections.ts'
import type { Api } from '../protocol/api.ts'
import { fetch } from '../protocol/fetch.ts'
import { findCoordinator } from '../protocol/findCoordinator.ts'
import { metadata } from '../protocol/metadata.ts'
import { type Address, showAddress } from './address.ts'
import { believed, firstAnswer } from './anyBroker.ts'
import { type BrokerLink, brokerLink } from './brokerLink.ts'
import type { DriverSettings } from './driverSettings.ts'
import * as failures from './failures.ts'
import { sockets } from './sockets.ts'
import { chooseVersion } from './versions.ts'
import { openWire, type Wire } from './wire.ts'

/** Resolves once a broker has answered. Rejects with BROKERS_UNREACHABLE if none does. */
export async function openConnections(
  name: string,
  settings: DriverSettings,
  tell: (notice: Notice) => void = () => undefined,
): Promise<Connections> {
  const { requestTimeout } = settings
  /**
   * Silence of one broker before the next one is asked as well, and pause before another try if all
   * refuse, ms.
   */
  const pause = settings.connectionTimeout / 5
  const open = sockets()
  const links = new Map<string, BrokerLink>()
  const nodes = new Map<number, Address>()
  const coordinators = new Map<string, number>()
  /** Addresses that failed when they were last asked. */
  const failing = new Set<string>()
  /** Addresses that a connection was ever open to. */
  const reached = new Set<string>()
  /** Notices already emitted, with their addresses. */
  const told = new Set<string>()
  /** Order in which addresses were last asked, counted by `asking`. */
  const asked = new Map<string, number>()
  let asking = 0

  function linkTo(address: Address, purpose: 'fetch' | 'rest'): BrokerLink {
    const key = `${showAddress(address)} ${purpose}`
    const found = links.get(key)
    if (found !== undefined) return found
    const made = brokerLink(async () => {
      const wire = await openWire(address, settings, open)
      reached.add(showAddress(address))
      return wire
    })
    links.set(key, made)
    return made
  }

  function over<A, R>(address: Address, api: Api<A, R>, args: A, options: CallOptions): Promise<R> {
    const { timeout = requestTimeout + (api.hold?.(args) ?? 0), maxVersion = api.max, givenUp } = options
    const purpose = api.key === fetch.key ? 'fetch' : 'rest'
    return linkTo(address, purpose)
      .ready()
      .then((wire) => {
        const version = chooseVersion(wire.abilities, api, args, maxVersion, address)
        return wire.send(api, args, version, timeout, givenUp)
      })
  }

  /** A connected broker, otherwise one that can be reached. */
  function reachable(): Promise<{ readonly address: Address; readonly wire: Wire }> {
    const connected = (address: Address): boolean => linkTo(address, 'rest').open
    const brokers = [...all()].sort((a, b) => Number(connected(b)) - Number(connected(a)))
    return firstAnswer(brokers, pause, async (address) => ({
      address,
      wire: await remembered(address, linkTo(address, 'rest').ready()),
    }))
  }

  /**
   * Asks a different broker first each time, since the previous answer may be out of date. For
   * idempotent requests only.
   */
  function anywhere<A, R>(api: Api<A, R>, args: A): Promise<R> {
    const inTurn = [...all()].sort((a, b) => isFailing(a) - isFailing(b) || askedAt(a) - askedAt(b))
    return firstAnswer(inTurn, pause, (address) => {
      asked.set(showAddress(address), ++asking)
      return remembered(address, over(address, api, args, {}))
    })
  }

  const isFailing = (address: Address): number => Number(failing.has(showAddress(address)))
  const askedAt = (address: Address): number => asked.get(showAddress(address)) ?? 0

  /**
   * Notes the outcome, which decides how soon this broker is asked again; while it is pending, the
   * others are asked first.
   */
  async function remembered<A>(address: Address, outcome: Promise<A>): Promise<A> {
    failing.add(showAddress(address))
    try {
      const answer = await outcome
      failing.delete(showAddress(address))
      return answer
    } catch (error) {
      note(address, error)
      throw error
    }
  }

  /** Brokers named by the cluster, and those configured. */
  function all(): readonly Address[] {
    const known = [...nodes.values(), ...settings.brokers]
    return [...new Map(known.map((address) => [showAddress(address), address])).values()]
  }

  /** Emits one notice for a broker that refuses for good: the job may continue without it. */
  function note(address: Address, error: unknown): void {
    if (error instanceof FatalError) noteOnce(showAddress(address), error)
  }

  function noteOnce(broker: string, error: RxweftError): void {
    if (told.has(`${broker} ${error.code}`)) return
    told.add(`${broker} ${error.code}`)
    tell({ type: 'broker-unusable', broker, error })
  }

  async function locate(node: number): Promise<Address> {
    await ask([])
    const address = nodes.get(node)
    if (address !== undefined) return address
    throw new RetriableError('NODE_UNKNOWN', `the cluster does not list a broker with node id ${node}`)
  }

  async function ask(topics: readonly string[]): Promise<Metadata> {
    const answer = await anywhere(metadata, topics)
    for (const { node, host, port } of answer.brokers) nodes.set(node, { host, port })
    return answer
  }

  async function coordinator(type: CoordinatorType, key: string): Promise<number> {
    const known = coordinators.get(`${type} ${key}`)
    if (known !== undefined) return known
    const found = await anywhere(findCoordinator, { type, key })
    const { errorCode, errorMessage, node, host, port } = found
    if (errorCode !== 0)
      throw brokerError(
        errorCode,
        `FindCoordinator of ${type === 'group' ? 'group' : 'transactional id'} ${key}`,
        {},
        errorMessage,
      )
    nodes.set(node, { host, port })
    coordinators.set(`${type} ${key}`, node)
    return node
  }

  /**
   * Rates the failure of one broker: others may work, and its address may be unknown to the user.
   */
  function ofNode(node: number, address: Address, error: unknown): unknown {
    note(address, error)
    if (!(error instanceof RxweftError)) return error
    const broker = showAddress(address)
    const refused = error instanceof FatalError && error.code !== 'BROKER_UNSUITABLE'
    const mine = refused ? failures.unusable(broker, error) : error
    const configured = settings.brokers.some((one) => showAddress(one) === broker)
    if (configured || mine.code !== 'CONNECTION_FAILED') return mine
    const named = failures.advertised(node, address, mine)
    if (!reached.has(broker)) noteOnce(broker, named)
    return named
  }

  /** An unreachable node is dropped as a coordinator: the role may have moved. */
  function forgetNode(node: number): void {
    for (const [key, its] of coordinators) if (its === node) coordinators.delete(key)
  }

  try {
    const { wire } = await believed(pause, reachable)
    await ask([])
    return {
      name,
      requestTimeout,
      transactionVersion: wire.abilities.features.get('transaction.version') ?? 0,
      async call(node, api, args, options = {}) {
        // A known address is used synchronously: awaiting it could let a later call go first.
        const known = node === 'any' ? undefined : nodes.get(node)
        const address = known ?? (node === 'any' ? (await reachable()).address : await locate(node))
        return over(address, api, args, options).catch((error) => {
          if (node === 'any') throw error
          forgetNode(node)
          throw ofNode(node, address, error)
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
