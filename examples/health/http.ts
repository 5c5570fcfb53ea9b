/** Probes of an orchestrator by plain node:http: /ready and /live, 200 or 503 with the reasons. */
import { createServer, type Server } from 'node:http'
import type { JobHandle } from 'rxweft'

export function healthServer(job: Pick<JobHandle, 'health'>, port = 8080): Server {
  const server = createServer(({ url }, response) => {
    if (url !== '/ready' && url !== '/live') return response.writeHead(404).end()
    const { ready, live, reasons } = job.health()
    const isWell = url === '/ready' ? ready : live
    response.writeHead(isWell ? 200 : 503, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ ready, live, reasons }))
  })
  return server.listen(port)
}
