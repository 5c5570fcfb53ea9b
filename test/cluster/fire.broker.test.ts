/**
 * A job with state and two sinks on three brokers, under twelve of the faults of `npm run chaos -- --cluster`, while Java reads along:
 * what it has read is a prefix of the result at every moment, and no checker finds anything.
 */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type JavaCluster, startJavaCluster } from '../../tools/broker/javaCluster.ts'
import { javaAvailable } from '../../tools/support/javaTool.ts'
import { anySeed, seededRandom } from '../faults/seededRandom.ts'
import { check } from './checkers.ts'
import { clusterFaults } from './faults.ts'
import { type ClusterSite, openClusterSite } from './site.ts'
import { strikeCluster } from './strike.ts'

const possible = inject('brokers').length > 0 && (await javaAvailable())
const seed = anySeed()

describe.skipIf(!possible)('a job on three brokers goes on after', { timeout: 420_000 }, () => {
  let cluster: JavaCluster
  let site: ClusterSite

  beforeAll(async () => {
    console.log(`RXWEFT_SEED=${seed}`)
    cluster = await startJavaCluster()
    site = await openClusterSite(cluster, seededRandom(seed))
  }, 240_000)

  afterAll(async () => {
    await site?.close()
    await cluster?.stop()
  })

  for (const fault of clusterFaults.filter(({ short }) => short)) {
    it(fault.name, async () => {
      const { recovery, silence, restarts } = await strikeCluster(fault, site)
      console.log(`${fault.name}: commit ${recovery} ms after healing, silent for ${silence} ms, ${restarts} restarts`)
    })
  }

  it('its own death: all sinks show the same checkpoint', () => site.standstill())

  it('all of that: nothing lost, duplicate, aborted, torn, reordered, skipped or unseen', async () => {
    const history = await site.history()
    expect(history.sinks[0]?.expected.flat().length).toBeGreaterThan(1_000)
    expect(check(history)).toEqual({})
  })
})
