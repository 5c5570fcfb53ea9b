/** Probes of an orchestrator as a plugin of Fastify: `app.register(health, { job })`. */
import type { FastifyPluginAsync } from 'fastify'
import type { JobHandle } from 'rxweft'

export interface HealthOptions {
  readonly job: Pick<JobHandle, 'health'>
}

export const health: FastifyPluginAsync<HealthOptions> = async (app, { job }) => {
  app.get('/ready', async (_, reply) => {
    const found = job.health()
    return reply.code(found.ready ? 200 : 503).send(found)
  })
  app.get('/live', async (_, reply) => {
    const found = job.health()
    return reply.code(found.live ? 200 : 503).send(found)
  })
}
