/** The nodes of a cluster on a machine each; see network.ts. */
import type { ClusterGround } from '../broker/clusterGround.ts'
import { type NodeName, numberOf, type Place } from '../broker/clusterLinks.ts'
import type { Network } from './network.ts'

/** Name of a node's machine. */
export function machineOf(name: NodeName): string {
  return name === 'controller' ? 'control' : `broker${numberOf(name)}`
}

/** @param jobs machines of the job's processes: the place 'job' of the cluster's links */
export function machinesGround(network: Network, jobs: readonly string[]): ClusterGround {
  const machinesAt = (place: Place): readonly string[] => (place === 'job' ? jobs : [machineOf(place)])
  const pairs = (from: Place, to: Place) =>
    machinesAt(from).flatMap((one) => machinesAt(to).map((other) => [one, other]))
  const each = (from: Place, to: Place, act: (from: string, to: string) => Promise<void>): void => {
    for (const [one, other] of pairs(from, to)) void act(one as string, other as string)
  }
  return {
    own: (name) => network.address(machineOf(name)),
    host: (_from, to) => network.address(machineOf(to)),
    command: (name) => network.command(machineOf(name)),
    links: async () => ({
      hold: (from, to) => each(from, to, network.hold),
      release: (from, to) => each(from, to, network.release),
      heal: () => void network.heal(),
      close: async () => undefined,
    }),
  }
}
