import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { numberedLine } from '../../examples/demo/ground.ts'
import { type JavaCluster, startJavaCluster } from '../../tools/broker/javaCluster.ts'
import { javaAvailable } from '../../tools/support/javaTool.ts'
import { cancelAll } from '../../tools/support/jobs.ts'
import { type Topics, testTopics } from '../../tools/support/topics.ts'
import { temporaryFolder } from '../checkpoint/temporaryFolder.ts'
import { takeOverThroughDeposedLeader } from './takeOverThroughDeposedLeader.ts'

const possible = inject('brokers').length > 0 && (await javaAvailable())

describe.skipIf(!possible)('a takeover through a deposed leader of the ledger', { timeout: 150_000 }, () => {
  let cluster: JavaCluster
  let topics: Topics

  beforeAll(async () => {
    cluster = await startJavaCluster()
    topics = await testTopics(cluster.brokers)
  }, 120_000)

  afterEach(async () => {
    await cancelAll()
    await cluster.heal()
  })

  afterAll(async () => {
    await topics?.close()
    await cluster?.stop()
  })

  const expected = Array.from({ length: 1_000 }, (_, at) => numberedLine(at + 1).text.toUpperCase())

  it.each([
    ['an older entry', 'genesis'],
    ['no entry at all', 'nothing'],
  ] as const)('that knows %s does not set the job back: 1,000 in, 1,000 out', async (_, known) => {
    const found = await takeOverThroughDeposedLeader(cluster, topics, await temporaryFolder(), known)
    expect(found.length).toBe(1_000)
    expect(found).toEqual(expected)
  })
})
