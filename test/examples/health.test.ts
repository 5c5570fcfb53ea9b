/** The probes of examples/health, with the real servers. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import fastify from 'fastify'
import type { JobHandle, JobHealth, TransactionalSink } from 'rxweft'
import { describe, expect, it, onTestFinished } from 'vitest'
import { health } from '../../examples/health/fastify.ts'
import { healthServer } from '../../examples/health/http.ts'
import { healthModule } from '../../examples/health/nest.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import { start, upper } from '../job/running.ts'

type Job = Pick<JobHandle, 'health'>

/** Base address of a server with the probes of a job. */
const servers: Readonly<Record<string, (job: Job) => Promise<string>>> = {
  async 'node:http'(job) {
    const server = healthServer(job, 0)
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  },
  async Fastify(job) {
    const app = fastify()
    onTestFinished(() => app.close())
    await app.register(health, { job })
    return app.listen({ port: 0, host: '127.0.0.1' })
  },
  async NestJS(job) {
    const app = await NestFactory.create(healthModule(job), new FastifyAdapter(), { logger: false })
    onTestFinished(() => app.close())
    await app.listen(0, '127.0.0.1')
    return app.getUrl()
  },
}

describe.each(Object.keys(servers))('the probes of %s', (name) => {
  it('answer 503 until the job is ready, 200 while it is, and 503 after its end', async () => {
    let opens = (): void => undefined
    const opening = new Promise<void>((resolve) => {
      opens = resolve
    })
    const sink = memorySink<string>()
    const gated: TransactionalSink<string> = { ...sink, open: (attempt) => opening.then(() => sink.open(attempt)) }
    const { handle, clock } = start(upper(memorySource<string>(), gated))
    const address = (await servers[name]?.(handle)) ?? ''
    const probe = async (path: string) => {
      const response = await fetch(`${address}/${path}`)
      const { ready, live, reasons } = (await response.json()) as JobHealth
      return { status: response.status, ready, live, reasons }
    }
    expect(await probe('ready')).toEqual({
      ...{ status: 503, ready: false, live: true },
      reasons: ['shard 0 is restoring its state'],
    })
    expect((await probe('live')).status).toBe(200)
    opens()
    for (let step = 0; step < 5; step++) await clock.advanceAsync(50)
    expect(await probe('ready')).toEqual({ status: 200, ready: true, live: true, reasons: [] })
    handle.stop()
    for (let step = 0; step < 5; step++) await clock.advanceAsync(50)
    expect((await probe('ready')).status).toBe(503)
    expect((await probe('live')).status).toBe(200)
  })
})
