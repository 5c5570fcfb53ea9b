/** The rights that docs/production.md lists for several shards are those that a member needs: all of them, and no others. */

import { randomUUID } from 'node:crypto'
import kafkajs, { type AclEntry } from 'kafkajs'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, onTestFinished } from 'vitest'
import { groupName, ledgerTopicName, planTopicName } from '../../../src/checkpoint/names.ts'
import { defineJob } from '../../../src/job/defineJob.ts'
import type { JobEvent } from '../../../src/job/events.ts'
import { memberJob } from '../../../src/job/members/memberJob.ts'
import type { RunningMember } from '../../../src/job/members/overMembers.ts'
import { shardsHere } from '../../../src/job/members/shardRun.ts'
import { kafkaCluster } from '../../../src/kafka/cluster.ts'
import { ledgerStorage } from '../../../src/kafka/ledger/ledgerStorage.ts'
import { planTopic } from '../../../src/kafka/ledger/planTopic.ts'
import { kafkaMembers } from '../../../src/kafka/members/kafkaMembers.ts'
import { kafkaSink } from '../../../src/kafka/sink/kafkaSink.ts'
import { kafkaSource } from '../../../src/kafka/source/kafkaSource.ts'
import { to } from '../../../src/operators/to.ts'
import { text } from '../../../src/serde/text.ts'
import type { JavaBroker } from '../../../tools/broker/foundBroker.ts'
import { javaAvailable } from '../../../tools/support/javaTool.ts'
import { eventually } from '../../../tools/support/jobs.ts'
import { topicEnds } from '../../../tools/support/topicEnds.ts'
import { type Topics, testTopics } from '../../../tools/support/topics.ts'
import { brokerWithRights } from '../brokerWithRights.ts'
import { documented } from '../rightsTable.ts'

const possible = inject('brokers').length > 0 && (await javaAvailable())
const { AclOperationTypes, AclResourceTypes, ResourcePatternTypes, AclPermissionTypes } = kafkajs

type Right = readonly [resource: string, operation: string]

const rights: readonly Right[] = documented('### Rights of several shards').flatMap(([resource, operations]) =>
  operations.map((operation) => [resource, operation] as const),
)
const [plan, group] = [...new Set(rights.map(([resource]) => resource))] as [string, string]

/** Error without a right: its code, and the right that its hint names. */
const errors: Readonly<Record<string, readonly [code: string, hint: string]>> = {
  [`${plan}: Create`]: ['LEDGER_TOPIC_MISSING', 'ACL Create'],
  [`${group}: Read`]: ['GROUP_AUTHORIZATION_FAILED', 'Read'],
}

describe.skipIf(!possible)('rights of a member', { timeout: 120_000 }, () => {
  let broker: JavaBroker
  let topics: Topics
  let [job, source, sink] = ['', '', '']

  beforeAll(async () => {
    broker = await brokerWithRights({ startTimeout: 180_000 })
    topics = await testTopics(broker.brokers)
  }, 240_000)

  beforeEach(async () => {
    job = topics.name('job')
    source = await topics.create()
    sink = await topics.create()
    await topics.append(source, ['a'])
  })

  afterAll(async () => {
    await topics?.close()
    await broker?.stop()
  })

  async function allow(granted: readonly Right[]): Promise<void> {
    const named = (resource: string) =>
      resource === group
        ? (['GROUP', groupName('rxweft', job)] as const)
        : (['TOPIC', planTopicName('rxweft', job)] as const)
    const always: readonly (readonly [keyof typeof AclResourceTypes, string, string])[] = [
      ['TOPIC', source, 'READ'],
      ['TOPIC', sink, 'WRITE'],
      ['TRANSACTIONAL_ID', `rxweft/${job}/`, 'WRITE'],
      ...['READ', 'WRITE', 'CREATE'].map((one) => ['TOPIC', ledgerTopicName('rxweft', job), one] as const),
    ]
    const all = [
      ...always,
      ...granted.map(([resource, operation]) => [...named(resource), operation.toUpperCase()] as const),
    ]
    const acl = all.map(([type, resourceName, operation]): AclEntry => {
      return {
        ...{ principal: 'User:alice', host: '*', resourceName, resourceType: AclResourceTypes[type] },
        resourcePatternType: ResourcePatternTypes[type === 'TRANSACTIONAL_ID' ? 'PREFIXED' : 'LITERAL'],
        operation: AclOperationTypes[operation as keyof typeof AclOperationTypes],
        permissionType: AclPermissionTypes.ALLOW,
      }
    })
    await topics.admin.createAcls({ acl })
  }

  /** Takes a right to the topic of the plan back. */
  async function withdraw(operation: 'WRITE'): Promise<void> {
    await topics.admin.deleteAcls({
      filters: [
        {
          ...{ resourceType: AclResourceTypes.TOPIC, resourceName: planTopicName('rxweft', job), host: '*' },
          ...{ resourcePatternType: ResourcePatternTypes.LITERAL, principal: 'User:alice' },
          ...{ operation: AclOperationTypes[operation], permissionType: AclPermissionTypes.ALLOW },
        },
      ],
    })
  }

  /** As `execute` does, without threads. */
  function start(instance = 'a'): RunningMember & { readonly seen: readonly JobEvent[] } {
    const sasl = { mechanism: 'plain', username: 'alice', password: 'secret' } as const
    const cluster = kafkaCluster({ brokers: [broker.addresses.SECURE as string], sasl })
    const copying = defineJob(job, ({ from }) =>
      from(kafkaSource(cluster, { topic: source, value: text })).pipe(
        to(kafkaSink<string>(cluster, { topic: sink, value: text })),
      ),
    )
    const options = { storage: ledgerStorage(), checkpointing: { interval: 100 } }
    const me = randomUUID()
    const running = memberJob(copying, options, {
      ...{ me, members: kafkaMembers(cluster, { instance }), threads: 1 },
      ...{ start: shardsHere(copying, options, me), silences: () => new Map(), close: async () => undefined },
    })
    const seen: JobEvent[] = []
    running.events$.subscribe((event) => seen.push(event))
    running.done.catch(() => undefined)
    onTestFinished(() => running.cancel().then(nothing, nothing))
    return { ...running, seen }
  }

  const written = async (): Promise<boolean> =>
    (await topicEnds(broker.brokers, sink, 'read_committed')).some((end) => end > 0)

  /** Whether a member has written what it says of itself: one that nobody has ever heard ends without the right. */
  const said = async (): Promise<boolean> => {
    const ends = await topicEnds(broker.brokers, planTopicName('rxweft', job), 'read_uncommitted')
    return (ends[planTopic.members] ?? 0) > 0
  }

  it('a member with the documented rights runs, and leaves', async () => {
    await allow(rights)
    const member = start()
    await eventually(written)
    expect(await member.leave()).toMatchObject({ outcome: 'left' })
    const types = member.seen.map(({ type }) => type)
    for (const trouble of ['restarting', 'group-lost', 'shard-failed']) expect(types).not.toContain(trouble)
  })

  it('the second one without the right to write what it says of itself ends, and the first one runs on', async () => {
    await allow(rights)
    const first = start()
    await eventually(written)
    await eventually(said)
    await withdraw('WRITE')
    const error = await start('b').done.then(
      () => null,
      (thrown) => thrown,
    )
    expect(error).toMatchObject({ code: 'TOPIC_AUTHORIZATION_FAILED', consequence: 'fatal' })
    expect(error.hint).toContain('Write')
    expect(error.message).toContain(planTopicName('rxweft', job))
    await eventually(() => first.seen.some(({ type }) => type === 'member-unheard'))
    expect(first.seen.find(({ type }) => type === 'member-unheard')).toMatchObject({ error })
    await allow(rights)
    expect(await first.leave()).toMatchObject({ outcome: 'left' })
  })

  it.each(rights)(
    'a member without the right to %s: %s ends, and says which right is missing',
    async (resource, operation) => {
      await allow(rights.filter(([other, its]) => other !== resource || its !== operation))
      const error = await start().done.then(
        () => null,
        (thrown) => thrown,
      )
      const [code, hint] = errors[`${resource}: ${operation}`] ?? ['TOPIC_AUTHORIZATION_FAILED', operation]
      expect(error).toMatchObject({ code, consequence: 'fatal' })
      expect(error.hint).toContain(hint)
      expect(error.message).toContain(resource === group ? groupName('rxweft', job) : planTopicName('rxweft', job))
    },
  )
})

const nothing = (): void => undefined
