/**
 * The network of a cluster on one machine: one link from each place to each node that it talks to,
 * each with a loopback address, so that each direction between two places can be held. Needs no
 * privileges, but a system where all of 127.0.0.0/8 is local: Linux.
 */
import { UnavailableError } from './foundBroker.ts'
import { type Direction, type Link, startLink } from './link.ts'

export type BrokerId = 1 | 2 | 3
export type NodeName = BrokerId | 'controller'
/** 'job': clients of the addresses for jobs. */
export type Place = NodeName | 'job'

export const brokerIds: readonly BrokerId[] = [1, 2, 3]
export const nodeNames: readonly NodeName[] = [...brokerIds, 'controller']

export interface Ports {
  /** Of each broker, for jobs. */
  readonly job: Readonly<Record<BrokerId, number>>
  /** Of each broker for the others, and of the controller. */
  readonly inner: Readonly<Record<NodeName, number>>
}

export interface ClusterLinks {
  /** Holds everything that `from` sends to `to`, answers included, until `release`. */
  hold(from: Place, to: Place): void
  release(from: Place, to: Place): void
  /** Releases all directions. */
  heal(): void
  close(): Promise<void>
}

/** Address at which `from` reaches `to`; the port is that of the node. */
export function hostOf(from: Place, to: NodeName): string {
  return from === to ? '127.0.0.1' : `127.0.${10 + numberOf(from)}.${10 + numberOf(to)}`
}

/** KRaft's node.id; 0 for the job, which is not a node. */
export function numberOf(place: Place): number {
  return place === 'job' ? 0 : place === 'controller' ? 4 : place
}

/** Rejects with UnavailableError if these addresses are not local. */
export async function startLinks(ports: Ports): Promise<ClusterLinks> {
  const links = new Map<string, Link>()
  const key = (from: Place, to: Place): string => `${from} ${to}`

  async function open(from: Place, to: NodeName, port: number): Promise<void> {
    links.set(key(from, to), await startLink({ host: hostOf(from, to), port }, { host: '127.0.0.1', port }))
  }

  function set(from: Place, to: Place, held: boolean): void {
    const way = (initiator: Place, target: Place, direction: Direction): void =>
      links.get(key(initiator, target))?.hold(direction, held)
    way(from, to, 'there')
    way(to, from, 'back')
  }

  async function close(): Promise<void> {
    await Promise.all([...links.values()].map((link) => link.close()))
  }

  try {
    for (const to of brokerIds) await open('job', to, ports.job[to])
    for (const from of brokerIds) for (const to of nodeNames) if (from !== to) await open(from, to, ports.inner[to])
  } catch (error) {
    await close()
    const lacking = (error as NodeJS.ErrnoException).code === 'EADDRNOTAVAIL'
    throw lacking ? new UnavailableError('only 127.0.0.1 is local, and a cluster needs all of 127.0.0.0/8') : error
  }
  return {
    hold: (from, to) => set(from, to, true),
    release: (from, to) => set(from, to, false),
    heal() {
      for (const link of links.values()) for (const direction of ['there', 'back'] as const) link.hold(direction, false)
    },
    close,
  }
}
