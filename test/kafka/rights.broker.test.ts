/** The rights that docs/production.md lists are those that a job needs: all of them, and no others. */

import kafkajs, { type AclEntry } from 'kafkajs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { ledgerTopicName, repartitionTopicName } from '../../src/checkpoint/names.ts'
import { deadLetter } from '../../src/job/badRecords/deadLetter.ts'
import { deadLetterJson } from '../../src/job/badRecords/deadLetterJson.ts'
import { defineJob, type Job } from '../../src/job/defineJob.ts'
import { type KafkaCluster, kafkaCluster } from '../../src/kafka/cluster.ts'
import { kafkaRepartition } from '../../src/kafka/repartition/kafkaRepartition.ts'
import { kafkaSink } from '../../src/kafka/sink/kafkaSink.ts'
import { kafkaSource } from '../../src/kafka/source/kafkaSource.ts'
import { keyBy } from '../../src/operators/keyBy.ts'
import { map } from '../../src/operators/map.ts'
import { to } from '../../src/operators/to.ts'
import { text } from '../../src/serde/text.ts'
import type { JavaBroker } from '../../tools/broker/foundBroker.ts'
import { javaAvailable } from '../../tools/support/javaTool.ts'
import { cancelAll, copy, eventually, failure, run, runToEnd } from '../../tools/support/jobs.ts'
import { topicEnds } from '../../tools/support/topicEnds.ts'
import { type Topics, testTopics } from '../../tools/support/topics.ts'
import { brokerWithRights } from './brokerWithRights.ts'
import { documented } from './rightsTable.ts'

const possible = inject('brokers').length > 0 && (await javaAvailable())
const { AclOperationTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs

interface Names {
  readonly job: string
  readonly source: string
  readonly sink: string
  readonly dead: string
}

/** What a row of the table means for a job. */
const resources: Readonly<
  Record<string, (names: Names) => readonly (readonly [keyof typeof AclResourceTypes, string])[]>
> = {
  'source topics': ({ source }) => [['TOPIC', source]],
  'the consumer group `groupId`, if set': ({ job }) => [['GROUP', job]],
  'sink topics, and the topic of dead letters': ({ sink, dead }) => [
    ['TOPIC', sink],
    ['TOPIC', dead],
  ],
  'transactional ids that start with `<prefix>/<job>/`': ({ job }) => [['TRANSACTIONAL_ID', `rxweft/${job}/`]],
  'the ledger topic': ({ job }) => [['TOPIC', ledgerTopicName('rxweft', job)]],
  'repartition topics': ({ job }) => [['TOPIC', repartitionTopicName('rxweft', job, 'by-word')]],
}

const rights = documented('## Rights').flatMap(([resource, operations]) =>
  operations.map((operation) => [resource, operation] as const),
)

/** Error without a right: its code, and the right that its hint names. */
const errors: Readonly<Record<string, readonly [code: string, hint: string]>> = {
  'the consumer group `groupId`, if set: Read': ['GROUP_AUTHORIZATION_FAILED', 'Read'],
  'transactional ids that start with `<prefix>/<job>/`: Write': ['TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'Write'],
  'the ledger topic: Create': ['LEDGER_TOPIC_MISSING', 'ACL Create'],
  'repartition topics: Create': ['REPARTITION_TOPIC_MISSING', 'ACL Create'],
}

describe.skipIf(!possible)('rights on a cluster', { timeout: 30_000 }, () => {
  let broker: JavaBroker
  let topics: Topics
  let names: Names

  beforeAll(async () => {
    broker = await brokerWithRights()
    topics = await testTopics(broker.brokers)
  })

  beforeEach(async () => {
    const [source, sink, dead] = [await topics.create(), await topics.create(), await topics.create()]
    names = { job: topics.name('job'), source, sink, dead }
    await topics.append(source, ['a', 'bad', 'b'])
  })

  afterEach(cancelAll)

  afterAll(async () => {
    await topics?.close()
    await broker?.stop()
  })

  function alice(): KafkaCluster {
    const sasl = { mechanism: 'plain', username: 'alice', password: 'secret' } as const
    return kafkaCluster({ brokers: [broker.addresses.SECURE as string], sasl })
  }

  /** A job with one of everything that needs a right. */
  function whole({ job, source, sink, dead }: Names): Job {
    const cluster = alice()
    const byWord = kafkaRepartition(cluster, {
      ...{ name: 'by-word', partitions: 1, key: text, value: text, purgeInterval: 50 },
    })
    return defineJob(
      job,
      ({ from, repartition }) =>
        from(kafkaSource(cluster, { topic: source, groupId: job, value: text })).pipe(
          map((word) => {
            if (word === 'bad') throw new Error('bad')
            return word
          }),
          keyBy((word) => word),
          repartition(byWord),
          to(kafkaSink(cluster, { topic: sink, value: text })),
        ),
      { onError: deadLetter(kafkaSink(cluster, { topic: dead, value: deadLetterJson })) },
    )
  }

  async function allow(granted: readonly (readonly [resource: string, operation: string])[]): Promise<void> {
    const acl = granted.flatMap(([resource, operation]) => {
      const named = resources[resource]
      if (named === undefined) throw new Error(`this test does not know "${resource}" of docs/production.md`)
      return named(names).map(([type, resourceName]): AclEntry => {
        return {
          ...{ principal: 'User:alice', host: '*', resourceName, resourceType: AclResourceTypes[type] },
          resourcePatternType: ResourcePatternTypes[type === 'TRANSACTIONAL_ID' ? 'PREFIXED' : 'LITERAL'],
          operation: AclOperationTypes[operation.toUpperCase() as keyof typeof AclOperationTypes],
          permissionType: kafkajs.AclPermissionTypes.ALLOW,
        }
      })
    })
    await topics.admin.createAcls({ acl })
  }

  async function purged(): Promise<boolean> {
    const [partition] = await topics.admin.fetchTopicOffsets(repartitionTopicName('rxweft', names.job, 'by-word'))
    return partition?.low !== '0'
  }

  const written = async (topic: string): Promise<boolean> =>
    (await topicEnds(broker.brokers, topic, 'read_committed')).some((end) => end > 0)

  it('a job with the documented rights runs, writes dead letters, and purges its repartition topic', async () => {
    await allow(rights)
    const job = run(whole(names))
    await eventually(async () => (await written(names.sink)) && (await written(names.dead)) && (await purged()))
    expect(await job.stop()).toMatchObject({ outcome: 'stopped' })
    const types = job.seen.map(({ type }) => type)
    for (const trouble of ['restarting', 'cleanup-failed', 'partition-unavailable'])
      expect(types).not.toContain(trouble)
  })

  it.each(rights.filter((right) => right.join(': ') !== 'repartition topics: Delete'))(
    'a job without the right to %s: %s stops, says which right is missing, and writes nothing into its sink',
    async (resource, operation) => {
      await allow(rights.filter(([other, its]) => other !== resource || its !== operation))
      const job = run(whole(names))
      const error = await failure(job)
      const [code, hint] = errors[`${resource}: ${operation}`] ?? ['TOPIC_AUTHORIZATION_FAILED', operation]
      expect(error).toMatchObject({ code, consequence: 'fatal' })
      expect(error.hint).toContain(hint)
      const named = resources[resource]?.(names).some(([, name]) => error.message.includes(name))
      expect(named, error.message).toBe(true)
      expect(job.seen.map(({ type }) => type)).not.toContain('restarting')
      expect(await written(names.sink)).toBe(false)
    },
  )

  it('a job that may not purge its repartition topic says so and goes on', async () => {
    await allow(rights.filter(([, operation]) => operation !== 'Delete'))
    const job = run(whole(names))
    let isTold = false
    job.until('cleanup-failed').then(() => (isTold = true))
    // The failure is told with the next checkpoint, and an idle job takes none.
    await eventually(async () => {
      if (!isTold) await topics.append(names.source, ['more'])
      return isTold
    })
    await eventually(() => written(names.sink))
    expect(await job.stop()).toMatchObject({ outcome: 'stopped' })
  })

  it('a sink without transactions needs no right but Write on its topic', async () => {
    await allow([
      ['source topics', 'Read'],
      ['sink topics, and the topic of dead letters', 'Write'],
    ])
    const cluster = alice()
    const job = copy(
      names.job,
      () => kafkaSource(cluster, { topic: names.source, value: text, until: 'latest' }),
      () => kafkaSink<string>(cluster, { topic: names.sink, value: text, guarantee: 'at-least-once' }),
    )
    expect(await runToEnd(job)).toMatchObject({ outcome: 'finished' })
    expect(await written(names.sink)).toBe(true)
  })
})
