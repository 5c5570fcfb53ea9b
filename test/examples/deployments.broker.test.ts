/** The command of kubernetes.yaml, run here: it gets ready, answers its probes, and ends on SIGTERM within the grace period. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { freePort } from '../../tools/broker/freePort.ts'
import { testProgram } from '../../tools/support/testProgram.ts'
import { type Topics, testTopics } from '../../tools/support/topics.ts'

const brokers = inject('brokers')
const root = join(import.meta.dirname, '../..')
const text = readFileSync(join(root, 'examples/machines/kubernetes.yaml'), 'utf8')
const [deployment] = parseAllDocuments(text).map((one) => one.toJS())
const [container] = deployment.spec.template.spec.containers

describe.skipIf(brokers.length === 0)('the command of kubernetes.yaml', { timeout: 120_000 }, () => {
  let topics: Topics

  beforeAll(async () => {
    topics = await testTopics(brokers)
    for (const name of ['lines', 'counts']) await topics.create(16, {}, name)
  })

  afterAll(async () => {
    await topics?.admin.deleteTopics({ topics: ['lines', 'counts'] })
    await topics?.close()
  })

  it('is ready, then live, and leaves when the pod is deleted', async () => {
    const port = await freePort()
    const env = {
      KAFKA_BROKERS: brokers.join(','),
      INSTANCE: 'word-count-0',
      SHARDS: '2',
      PORT: String(port),
    }
    const program = testProgram([], env, join(root, container.command.at(-1)))
    const status = (probe: { httpGet: { path: string } }) =>
      fetch(`http://127.0.0.1:${port}${probe.httpGet.path}`).then(
        (response) => response.status,
        () => 0,
      )
    await expect.poll(() => status(container.readinessProbe), { timeout: 90_000 }).toBe(200)
    expect(await status(container.livenessProbe)).toBe(200)
    program.signal('SIGTERM')
    expect(await program.ended, program.said).toBe(0)
  })
})
