/**
 * Serves the metrics of a job for Prometheus: http://localhost:9464/metrics. The dashboard and the
 * alerts beside this file read them.
 */
import { createServer, type Server } from 'node:http'
import { Registry } from 'prom-client'
import type { JobHandle } from 'rxweft'
import { prometheus } from 'rxweft/prometheus'

export function serveMetrics(job: JobHandle, port = 9464): Server {
  const register = new Registry()
  prometheus(job, { register })
  const server = createServer(async ({ url }, response) => {
    if (url !== '/metrics') return response.writeHead(404).end()
    response.setHeader('content-type', register.contentType)
    response.end(await register.metrics())
  })
  return server.listen(port)
}
