/** Faults of a node in any role: it is dead, asleep or unreachable for a while, then back. */
import { setTimeout as pause } from 'node:timers/promises'
import { type BrokerId, type NodeName, nodeNames, type Place } from '../../tools/broker/javaCluster.ts'
import { between } from '../faults/seededRandom.ts'
import type { ClusterSite } from './site.ts'

type Site = Pick<ClusterSite, 'cluster' | 'random'>

export type Happening = (site: Site, node: NodeName) => Promise<void>

/** Long enough for another to be elected, or not, ms. */
const moment = ({ random }: Site): Promise<void> => pause(between(random, 500, 8_000))
const longEnough = ({ random }: Site): Promise<void> => pause(between(random, 6_000, 10_000))

const asleep =
  (seconds: number): Happening =>
  async ({ cluster }, node) => {
    cluster.nodes[node].pause()
    await pause(seconds * 1_000)
    cluster.nodes[node].wake()
  }

/** @param ways pairs of places, of which the second hears nothing of the first any more */
const cut =
  (ways: (node: NodeName) => readonly (readonly [Place, Place])[]): Happening =>
  async (site, node) => {
    for (const [from, to] of ways(node)) site.cluster.links.hold(from, to)
    await longEnough(site)
    for (const [from, to] of ways(node)) site.cluster.links.release(from, to)
  }

const others = (node: NodeName): readonly NodeName[] => nodeNames.filter((name) => name !== node)
const deaf = (node: NodeName) => others(node).map((other) => [other, node] as const)
const mute = (node: NodeName) => others(node).map((other) => [node, other] as const)

export const happenings = {
  killed: async (site, node) => {
    await site.cluster.nodes[node].kill()
    await moment(site)
    await site.cluster.nodes[node].start()
  },
  stopped: async (site, node) => {
    await site.cluster.nodes[node].stop()
    await moment(site)
    await site.cluster.nodes[node].start()
  },
  'paused for 5 s': asleep(5),
  'paused for 20 s': asleep(20),
  'paused for 40 s': asleep(40),
  'cut off from the others': cut((node) => [...deaf(node), ...mute(node)]),
  'does not hear the others': cut(deaf),
  'is not heard by the others': cut(mute),
} as const satisfies Readonly<Record<string, Happening>>

/** Of brokers alone: no job talks to the controller. */
export const brokerHappenings = {
  'cut off from the other brokers only': cut((node) =>
    [...deaf(node), ...mute(node)].filter((way) => !way.includes('controller')),
  ),
  'cut off from the job only': cut((node) => [
    ['job', node],
    [node, 'job'],
  ]),
  'does not hear the job': cut((node) => [['job', node]]),
  'is not heard by the job': cut((node) => [[node, 'job']]),
} as const satisfies Readonly<Record<string, Happening>>

/** One broker after the other is stopped and started; the next only when the one before has everything again. */
export async function rolling(
  { cluster, roles }: Pick<ClusterSite, 'cluster' | 'roles'>,
  version?: string,
): Promise<void> {
  for (const id of [1, 2, 3] as readonly BrokerId[]) {
    await cluster.nodes[id].stop()
    await cluster.nodes[id].start(version)
    while (!(await roles.allInSync().catch(() => false))) await pause(100)
  }
}
