import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, inject, it, vi } from 'vitest'
import { kafkaCluster } from '../../../src/kafka/cluster.ts'
import { startJavaBroker } from '../../../tools/broker/javaBroker.ts'

describe.skipIf(inject('brokerKind') !== 'java')('a Java broker', () => {
  async function hasTopic(broker: string, topic: string): Promise<boolean> {
    const connections = await kafkaCluster({ brokers: [broker] }).connect('look')
    const { topics } = await connections.metadata([topic]).finally(connections.close)
    return topics[0]?.errorCode === 0
  }

  async function createTopic(broker: string, topic: string): Promise<void> {
    const admin = kafkaCluster({ brokers: [broker] }).admin()
    await admin.connect()
    await admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: 1 }], waitForLeaders: true })
    await admin.disconnect()
  }

  it('keeps its ports and its data over a kill, and has the listeners that were asked for', async () => {
    const broker = await startJavaBroker({ listeners: { EXTRA: { protocol: 'PLAINTEXT' } } })
    try {
      const extra = broker.addresses.EXTRA as string
      await createTopic(extra, 'kept')
      await broker.kill()
      expect(broker.pid).toBeNull()
      await expect(hasTopic(extra, 'kept')).rejects.toMatchObject({ code: 'BROKERS_UNREACHABLE' })
      await broker.restart()
      expect(await hasTopic(extra, 'kept')).toBe(true)
      expect(await hasTopic(extra, 'another')).toBe(false)
    } finally {
      await broker.stop()
    }
  })

  it('that does not start says why, with the last lines of its log', async () => {
    const failing = startJavaBroker({ properties: { 'metric.reporters': 'no.such.Reporter' } })
    await expect(failing).rejects.toThrow(/the broker did not start: it ended with 1\n[\s\S]*no\.such\.Reporter/)
  })

  it('ends when the process that started it is killed', async () => {
    const program = `
      import { startJavaBroker } from '../../../tools/broker/javaBroker.ts'
      console.log((await startJavaBroker()).brokers[0])`
    const args = ['--import', 'tsx', '--input-type=module', '-e', program]
    const child = spawn(process.execPath, args, { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] })
    const [said] = await once(child.stdout, 'data')
    const address = String(said).trim()
    expect(await hasTopic(address, 'any')).toBe(false)
    child.kill('SIGKILL')
    await vi.waitFor(() => expect(hasTopic(address, 'any')).rejects.toThrow(), { timeout: 10_000 })
  })
})
