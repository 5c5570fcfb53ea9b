/** One round on a cluster of its own: a job, some faults one after the other, and what the checkers say in the end. */
import { toError } from '../../src/errors.ts'
import { startJavaCluster } from '../../tools/broker/javaCluster.ts'
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

/**
 * Resolves with whether nothing is wrong.
 *
 * @param struck gets each fault as soon as it is over
 * @param isOver the time is over: no further fault, only the verdict.
 */
export async function playClusterRound(
  { version, faults }: ClusterRound,
  random: () => number,
  isOver: () => boolean,
  struck: Struck[],
): Promise<boolean> {
  const cluster = await startJavaCluster({ version })
  let clean = true
  try {
    const site = await openClusterSite(cluster, random)
    try {
      for (const fault of faults) {
        if (isOver()) break
        const cost = await strikeCluster(fault, site).catch((thrown) => tell(toError(thrown).message))
        struck.push({ fault, cost })
        clean = cost !== null
        // A job that has misbehaved is judged as it is.
        if (cost === null) break
        const { recovery, silence, restarts } = cost
        console.log(`  ${fault.name}: commit after ${recovery} ms, silent for ${silence} ms, ${restarts} restarts`)
      }
      const found = await site.history().then(check)
      for (const [name, findings] of Object.entries(found)) tell(`${name}: ${findings.join('; ')}`)
      clean &&= Object.keys(found).length === 0
      if (clean)
        console.log('  nothing lost, duplicate, phantom, aborted, torn, reordered, skipped, vanished or unseen')
      return clean
    } finally {
      await site.close()
    }
  } catch (thrown) {
    tell(`no verdict: ${toError(thrown).message}`)
    return false
  } finally {
    await cluster.stop()
  }
}

function tell(what: string): null {
  console.log(`  FAILED: ${what}`)
  return null
}
