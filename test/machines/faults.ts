/** What happens to the processes and brokers of a job on several machines. */
import { setTimeout as pause } from 'node:timers/promises'
import { transactionalId } from '../../src/checkpoint/names.ts'
import { type BrokerId, brokerIds } from '../../tools/broker/javaCluster.ts'
import { machineOf } from '../../tools/machines/machinesGround.ts'
import type { Network } from '../../tools/machines/network.ts'
import { jobName, type Site } from './site.ts'
import type { Worker } from './workers.ts'

export interface MachineFault {
  readonly name: string
  /** It needs a machine for each process. */
  readonly needsMachines?: true
  /** Others take the shards over, so there must be more than one process. */
  readonly needsOthers?: true
  /** Lets it happen. The site is then observed until every shard has committed again. */
  strike(site: Site): Promise<void>
  /** Puts everything right again. */
  heal?(site: Site): Promise<void>
}

/** How long a frozen process sleeps after all of its shards run elsewhere, ms. */
const asleep = 2_000
/** Limit until all is well again, ms. */
const patience = 120_000

/** The process with the most shards, so that each fault hurts; of a job in one process, that one. */
function victim({ workers }: Site): Worker {
  const running = workers.filter(({ state }) => state === 'running')
  return running[turn++ % running.length] as Worker
}
let turn = 0

function networkOf({ network }: Site): Network {
  if (network === null) throw new Error('this fault needs machines')
  return network
}

/** For as long as it takes the others to run its shards, and a bit longer. */
async function until(site: Site): Promise<void> {
  await site.committed(Date.now(), patience)
  await pause(asleep)
}

async function brokerBack({ cluster, roles }: Site): Promise<void> {
  await cluster.heal()
  while (!(await roles.allInSync().catch(() => false))) await pause(200)
}

function restarted(site: Site): void {
  for (const worker of site.workers) if (worker.state === 'down') worker.start()
}

export const machineFaults: readonly MachineFault[] = [
  {
    name: 'a process is killed and restarted at once',
    async strike(site) {
      const worker = victim(site)
      await worker.kill()
      worker.start()
    },
  },
  {
    name: 'a process is killed and stays away',
    needsOthers: true,
    strike: (site) => victim(site).kill(),
    heal: async (site) => restarted(site),
  },
  {
    name: 'processes are restarted one after the other',
    async strike(site) {
      for (const worker of site.workers) {
        await worker.leave()
        worker.start()
        await site.whole(patience)
      }
    },
  },
  {
    name: 'all processes are killed at once',
    async strike(site) {
      await Promise.all(site.workers.map((worker) => worker.kill()))
      restarted(site)
    },
  },
  {
    name: 'a process is frozen and wakes as a zombie',
    needsOthers: true,
    async strike(site) {
      const worker = victim(site)
      worker.freeze()
      await until(site)
      worker.wake()
    },
  },
  {
    name: 'the cable of a process is unplugged',
    needsMachines: true,
    needsOthers: true,
    async strike(site) {
      const { name } = victim(site)
      await networkOf(site).unplug(name)
      await until(site)
    },
    heal: (site) => networkOf(site).heal(),
  },
  {
    name: 'a process gets no answers from the brokers',
    needsMachines: true,
    needsOthers: true,
    async strike(site) {
      const { name } = victim(site)
      for (const id of brokerIds) await networkOf(site).hold(machineOf(id), name)
      await until(site)
    },
    heal: (site) => networkOf(site).heal(),
  },
  ...brokerFaults('a broker is killed', (site, id) => site.cluster.nodes[id].kill()),
  ...brokerFaults('a broker is frozen', async (site, id) => site.cluster.nodes[id].pause()),
  {
    name: 'the cable of a broker is unplugged',
    needsMachines: true,
    async strike(site) {
      await networkOf(site).unplug(machineOf(await leaderOf(site)))
    },
    async heal(site) {
      await networkOf(site).heal()
      await brokerBack(site)
    },
  },
  {
    name: 'brokers are restarted one after the other',
    async strike(site) {
      for (const id of brokerIds) {
        await site.cluster.nodes[id].stop()
        await site.cluster.nodes[id].start()
        await brokerBack(site)
      }
    },
  },
]

/** Of the broker that coordinates transactions, and of the one that coordinates the group of the processes. */
function brokerFaults(name: string, strike: (site: Site, id: BrokerId) => Promise<void>): readonly MachineFault[] {
  return [
    {
      name: `${name}, a coordinator of transactions`,
      strike: async (site) =>
        strike(site, await site.roles.coordinator('transaction', transactionalId('rxweft', jobName, 0, 0))),
      heal: brokerBack,
    },
    {
      name: `${name}, the coordinator of the group`,
      needsOthers: true,
      strike: async (site) => strike(site, await site.roles.coordinator('group', `rxweft/${jobName}`)),
      heal: brokerBack,
    },
  ]
}

async function leaderOf({ roles }: Site): Promise<BrokerId> {
  return (await roles.leader('lines', 0)) ?? 1
}
