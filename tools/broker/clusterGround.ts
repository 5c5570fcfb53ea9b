/** Where the nodes of a cluster run: one loopback device, or a machine each. */
import { type ClusterLinks, hostOf, type NodeName, type Place, type Ports, startLinks } from './clusterLinks.ts'

export interface ClusterGround {
  /** Address that a node listens on. */
  own(name: NodeName): string
  /** Address at which `from` reaches `to`. */
  host(from: Place, to: NodeName): string
  /** Command that a node's JVM is started by, in front of `java`; empty for none. */
  command(name: NodeName): readonly string[]
  /** Rejects with UnavailableError if this system lacks the means. */
  links(ports: Ports): Promise<ClusterLinks>
}

/** All nodes on 127.0.0.1, connected by relays. */
export const loopback: ClusterGround = {
  own: () => '127.0.0.1',
  host: hostOf,
  command: () => [],
  links: startLinks,
}
