/** One round on a cluster of its own: a job, some faults one after the other, and what the checkers say in the end. */
import { toError } from '../../src/errors.ts'
import { startJavaCluster } from '../broker/javaCluster.ts'
import { check } from './checkers.ts'
import type { ClusterFault } from './fault.ts'
import { openClusterSite } from './site.ts'
import { type Cost, strikeCluster } from './strike.ts'

export interface Struck {
  readonly fault: ClusterFault
  /** null: the job did not behave as it must. */
  readonly cost: Cost | null
}

export interface ClusterRound {
  /** Of Kafka, at the beginning. */
  readonly version: string
  readonly faults: readonly ClusterFault[]
}

export interface PlayedRound {
  readonly struck: readonly Struck[]
  /** Nothing is wrong. */
  readonly clean: boolean
}

/** @param isOver the time is over: no further fault, only the verdict. */
export async function playClusterRound(
  { version, faults }: ClusterRound,
  random: () => number,
  isOver: () => boolean,
): Promise<PlayedRound> {
  const cluster = await startJavaCluster({ version })
  const struck: Struck[] = []
  try {
    const site = await openClusterSite(cluster, random)
    try {
      for (const fault of faults) {
        if (isOver()) break
        const cost = await strikeCluster(fault, site).catch((thrown) => tell(toError(thrown).message))
        struck.push({ fault, cost })
        // A job that has misbehaved is judged as it is.
        if (cost === null) break
        const { recovery, silence, restarts } = cost
        console.log(`  ${fault.name}: commit after ${recovery} ms, silent for ${silence} ms, ${restarts} restarts`)
      }
      const found = await site.history().then(check)
      for (const [name, findings] of Object.entries(found)) tell(`${name}: ${findings.join('; ')}`)
      const clean = Object.keys(found).length === 0 && struck.every(({ cost }) => cost !== null)
      if (clean)
        console.log('  nothing lost, duplicate, phantom, aborted, torn, reordered, skipped, vanished or unseen')
      return { struck, clean }
    } finally {
      await site.close()
    }
  } catch (thrown) {
    tell(`no verdict: ${toError(thrown).message}`)
    return { struck, clean: false }
  } finally {
    await cluster.stop()
  }
}

function tell(what: string): null {
  console.log(`  FAILED: ${what}`)
  return null
}
