/** Three brokers, three processes of the job, each on a machine of its own where that is possible, and what flows. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type ClusterRoles, clusterRoles } from '../../tools/broker/clusterRoles.ts'
import { endGuard } from '../../tools/broker/endGuard.ts'
import { type JavaCluster, nodeNames, startJavaCluster } from '../../tools/broker/javaCluster.ts'
import { machineOf, machinesGround } from '../../tools/machines/machinesGround.ts'
import { type Network, openNetwork } from '../../tools/machines/network.ts'
import { bundled } from '../machines/bundled.ts'
import { type LedgerTail, ledgerTail } from '../machines/ledgerTail.ts'
import { type JobProcess, jobProcess } from './jobProcess.ts'
import { openStage, type Stage } from './stage.ts'

export interface ProcessSite {
  readonly cluster: JavaCluster
  readonly roles: ClusterRoles
  /** null on loopback: no cable can be unplugged. */
  readonly network: Network | null
  readonly random: () => number
  readonly stage: Stage
  readonly processes: readonly JobProcess[]
  readonly tail: LedgerTail
  /** What a fault has found to be wrong. */
  readonly wrong: string[]
  /** Resolves once each shard has committed after `since`, or after `limit` ms, with whether it has. */
  committed(since: number, limit: number): Promise<boolean>
  close(): Promise<void>
}

/** The three brokers, and the network that they and the processes are in. */
export interface ProcessGround {
  readonly cluster: JavaCluster
  readonly network: Network | null
  /** File of the program. */
  readonly program: string
  /** Folder for whatever the processes keep. */
  readonly folder: string
  close(): Promise<void>
}

export const machineNames = ['a', 'b', 'c'] as const
export const shards = 6

/** @param network null: all on loopback */
export async function openGround(version: string, network: Network | null): Promise<ProcessGround> {
  const folder = await mkdtemp(join(tmpdir(), 'rxweft-processes-'))
  const guard = endGuard('rm -rf "$1"', [folder])
  const ground = network === null ? {} : { ground: machinesGround(network, machineNames) }
  const program = await bundled(join(import.meta.dirname, 'program.ts'))
  const cluster = await startJavaCluster({ version, ...ground })
  return {
    ...{ cluster, network, folder, program: program.file },
    async close() {
      await program.close()
      await cluster.stop()
      await rm(folder, { recursive: true, force: true })
      guard.dismiss()
    },
  }
}

/** Once for all rounds of a program: machines stay. */
export function machines(): Promise<Network> {
  return openNetwork([...nodeNames.map(machineOf), ...machineNames])
}

/** @param inMemory whether state is kept in memory, else in LMDB */
export async function openProcessSite(
  { cluster, network, folder, program }: ProcessGround,
  random: () => number,
  inMemory: boolean,
): Promise<ProcessSite> {
  const roles = clusterRoles(cluster)
  while (!(await roles.allInSync().catch(() => false))) await pause(100)
  const stage = await openStage(cluster, 'three', shards)
  const tail = await ledgerTail(cluster.brokers, stage.job, shards)
  const processes = machineNames.map((name) =>
    jobProcess(name, program, stage.given(name, inMemory ? null : join(folder, name)), network?.command(name)),
  )
  return {
    ...{ cluster, roles, network, random, stage, processes, tail, wrong: [] },
    async committed(since, limit) {
      const all = (): boolean => {
        const its = tail.commits.filter(({ time }) => time > since)
        return new Set(its.map(({ shard }) => shard)).size === shards
      }
      for (const deadline = Date.now() + limit; !all(); await pause(50)) if (Date.now() > deadline) return false
      return true
    },
    async close() {
      await Promise.all(processes.map((one) => one.kill()))
      await tail.close()
      await stage.close()
    },
  }
}
