import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import kafkajs, { type AclEntry } from 'kafkajs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import type { Job } from '../../../src/job/defineJob.ts'
import { type KafkaCluster, kafkaCluster } from '../../../src/kafka/cluster.ts'
import type { KafkaClusterConfig } from '../../../src/kafka/driver/driverSettings.ts'
import { kafkaSink } from '../../../src/kafka/sink/kafkaSink.ts'
import { kafkaSource } from '../../../src/kafka/source/kafkaSource.ts'
import type { StreamRecord } from '../../../src/record.ts'
import { text } from '../../../src/serde/text.ts'
import type { JavaBroker } from '../../../tools/broker/foundBroker.ts'
import { startJavaBroker } from '../../../tools/broker/javaBroker.ts'
import { javaAvailable } from '../../../tools/support/javaTool.ts'
import { cancelAll, collect, copy, failure, run, runToEnd } from '../../../tools/support/jobs.ts'
import { testProgram } from '../../../tools/support/testProgram.ts'
import { topicEnds } from '../../../tools/support/topicEnds.ts'
import { type Topics, testTopics } from '../../../tools/support/topics.ts'
import { temporaryFolder } from '../../checkpoint/temporaryFolder.ts'
import { testCertificate } from '../testCertificate.ts'

const possible = inject('brokers').length > 0 && (await javaAvailable())
const password = 'correct-horse-battery'
const main = join(import.meta.dirname, '../../../src/cli/main.ts')
const { AclOperationTypes: operations, AclResourceTypes: resources } = kafkajs

/** What alice may do; transactional ids may start like this. */
type Right = readonly [keyof typeof resources, name: string, keyof typeof operations]

/** A value of several lines in a properties file. */
const lines = (pem: string): string => pem.replaceAll('\n', '\\n')

describe.skipIf(!possible)('on a cluster with TLS, passwords and rights', { timeout: 20_000 }, () => {
  let broker: JavaBroker
  /** Without a password, through the listener of the tests, with all rights. */
  let topics: Topics
  let source: string
  let sink: string

  beforeAll(async () => {
    broker = await startJavaBroker({
      listeners: { SECURE: { protocol: 'SASL_SSL' } },
      properties: {
        'listener.name.secure.sasl.enabled.mechanisms': 'SCRAM-SHA-256',
        'listener.name.secure.scram-sha-256.sasl.jaas.config':
          'org.apache.kafka.common.security.scram.ScramLoginModule required;',
        'listener.name.secure.ssl.keystore.type': 'PEM',
        'listener.name.secure.ssl.keystore.key': lines(testCertificate.key),
        'listener.name.secure.ssl.keystore.certificate.chain': lines(testCertificate.cert),
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'super.users': 'User:ANONYMOUS',
      },
      format: ['--add-scram', `SCRAM-SHA-256=[name=alice,password=${password}]`],
    })
    topics = await testTopics(broker.brokers)
  })

  beforeEach(async () => {
    source = await topics.create()
    sink = await topics.create()
    await topics.append(source, ['a', 'b'])
  })

  afterEach(cancelAll)

  afterAll(async () => {
    await topics?.close()
    await broker?.stop()
  })

  function alice(more: Partial<KafkaClusterConfig> = {}): KafkaCluster {
    return kafkaCluster({
      brokers: [broker.addresses.SECURE as string],
      ssl: { ca: testCertificate.cert },
      sasl: { mechanism: 'scram-sha-256', username: 'alice', password },
      ...more,
    })
  }

  function copied(cluster: KafkaCluster, name = topics.name('job')): Job {
    return copy(
      name,
      () => kafkaSource(cluster, { topic: source, groupId: name, value: text, until: 'latest' }),
      () => kafkaSink<string>(cluster, { topic: sink, value: text }),
    )
  }

  async function allow(...rights: Right[]): Promise<void> {
    const acl = rights.map(([type, resourceName, operation]): AclEntry => {
      return {
        principal: 'User:alice',
        host: '*',
        resourceType: resources[type],
        resourceName,
        resourcePatternType: kafkajs.ResourcePatternTypes[type === 'TRANSACTIONAL_ID' ? 'PREFIXED' : 'LITERAL'],
        operation: operations[operation],
        permissionType: kafkajs.AclPermissionTypes.ALLOW,
      }
    })
    await topics.admin.createAcls({ acl })
  }

  const rights = {
    source: () => ['TOPIC', source, 'READ'] as const,
    sink: () => ['TOPIC', sink, 'WRITE'] as const,
    ids: (name: string) => ['TRANSACTIONAL_ID', `rxweft/${name}/`, 'WRITE'] as const,
    group: (name: string) => ['GROUP', name, 'READ'] as const,
    ledger: (name: string) =>
      [
        ['TOPIC', `rxweft-${name}-ledger`, 'READ'],
        ['TOPIC', `rxweft-${name}-ledger`, 'WRITE'],
      ] as const,
  }

  it('a job runs with the rights that it needs, and without the right to create topics if its ledger is there', async () => {
    const name = topics.name('job')
    await allow(rights.source(), rights.sink(), rights.ids(name), rights.group(name), ...rights.ledger(name))
    const denied = await failure(run(copied(alice(), name)))
    const ledger = `rxweft-${name}-ledger`
    expect(denied).toMatchObject({ code: 'LEDGER_TOPIC_MISSING', consequence: 'fatal', where: { topic: ledger } })
    expect(denied.hint).toContain(`--create --topic ${ledger}`)
    expect(await topicEnds(broker.brokers, sink, 'read_uncommitted')).toEqual([0])

    await topics.create(1, { 'cleanup.policy': 'compact' }, ledger)
    expect(await runToEnd(copied(alice(), name))).toEqual({ outcome: 'finished', checkpoint: 1 })
    const records: StreamRecord<string>[] = []
    const read = () => kafkaSource(topics.cluster, { topic: sink, value: text, until: 'latest' })
    await runToEnd(collect(topics.name('job'), read, records))
    expect(records.map(({ value }) => value)).toEqual(['a', 'b'])
  })

  it('a job with the right to create its ledger creates it', async () => {
    const name = topics.name('job')
    await allow(rights.source(), rights.sink(), rights.ids(name), rights.group(name), ...rights.ledger(name))
    await allow(['TOPIC', `rxweft-${name}-ledger`, 'CREATE'])
    expect(await runToEnd(copied(alice(), name))).toEqual({ outcome: 'finished', checkpoint: 1 })
  })

  it('a wrong password stops the job, and no error shows it', async () => {
    const wrong = 'wrong-horse-battery'
    const sasl = { mechanism: 'scram-sha-256', username: 'alice', password: wrong } as const
    const job = run(copied(alice({ sasl })))
    const error = await failure(job)
    expect(error).toMatchObject({ code: 'AUTHENTICATION_FAILED', consequence: 'fatal' })
    expect(error.hint).toContain('sasl')
    for (const shown of [
      error.message,
      String(error.stack),
      JSON.stringify(error),
      inspect(error, { depth: 9 }),
      inspect(job.seen, { depth: 9 }),
    ]) {
      expect(shown).not.toContain(wrong)
    }
  })

  it('rxweft status logs in with the file of --config, and prints no secret', async () => {
    const name = topics.name('job')
    await runToEnd(copied(topics.cluster, name))
    await allow(rights.source(), ['TOPIC', `rxweft-${name}-ledger`, 'READ'], ['TOPIC', `rxweft-${name}-plan`, 'READ'])
    const found = await status(name, password)
    expect(found.said).toContain(`job ${name}   no plan   1 shard`)
    expect(found.code).toBe(0)
    const wrong = await status(name, 'wrong-horse-battery')
    expect(wrong.said).toMatch(/^AUTHENTICATION_FAILED/m)
    expect(wrong.said).not.toContain('wrong-horse')
    expect(wrong.code).toBe(1)
  })

  /** Runs the command with a login in a file. */
  async function status(job: string, secret: string): Promise<{ readonly code: unknown; readonly said: string }> {
    const file = join(await temporaryFolder(), 'kafka.json')
    const sasl = { mechanism: 'scram-sha-256', username: 'alice', password: secret }
    const brokers = [broker.addresses.SECURE as string]
    await writeFile(file, JSON.stringify({ brokers, ssl: { ca: testCertificate.cert }, sasl }))
    const program = testProgram(['status', '--config', file, '--job', job], {}, main)
    return { code: await program.ended, said: program.said }
  }

  it('a certificate that is not trusted stops the job', async () => {
    const error = await failure(run(copied(alice({ ssl: true }))))
    expect(error).toMatchObject({ code: 'TLS_FAILED', consequence: 'fatal' })
    expect(error.hint).toContain('ca')
  })
})
