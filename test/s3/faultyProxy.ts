/**
 * A proxy in front of a real S3 server. By request it passes on, answers in its stead, changes the request, or loses the answer.
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface SeenRequest {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
}

export type Fault =
  | { readonly type: 'pass' }
  /** The server does not see it. */
  | { readonly type: 'answer'; readonly status: number; readonly code: string }
  /** The server does it, and the connection ends without an answer. */
  | { readonly type: 'lose' }
  /** The server does it; the answer comes after so many ms. */
  | { readonly type: 'late'; readonly ms: number }
  /** Passed on without these headers. */
  | { readonly type: 'without'; readonly headers: readonly string[] }
  /** The answer is cut off in its body. */
  | { readonly type: 'half' }
  /** The connection ends at once. */
  | { readonly type: 'cut' }

export interface FaultyProxy {
  readonly endpoint: string
  /** What happens to each request; until it is set, all pass. */
  rule: (seen: SeenRequest) => Fault
  readonly seen: readonly SeenRequest[]
  close(): Promise<void>
}

export const pass: Fault = { type: 'pass' }

export async function faultyProxy(port: number): Promise<FaultyProxy> {
  const seen: SeenRequest[] = []
  const server = createServer((incoming, outgoing) => {
    const one = { method: incoming.method ?? '', path: incoming.url ?? '', headers: incoming.headers }
    seen.push(one)
    act(self.rule(one), incoming, outgoing)
  })

  function act(fault: Fault, incoming: IncomingMessage, outgoing: ServerResponse): void {
    if (fault.type === 'cut') return void incoming.socket.destroy()
    if (fault.type === 'answer') {
      incoming.resume().on('end', () => {
        outgoing.writeHead(fault.status, { 'content-type': 'application/xml' })
        outgoing.end(
          fault.status === 304 || incoming.method === 'HEAD'
            ? undefined
            : `<?xml version="1.0"?><Error><Code>${fault.code}</Code><Message>secret-of-${fault.code}</Message></Error>`,
        )
      })
      return
    }
    const dropped = fault.type === 'without' ? fault.headers : []
    const headers = Object.fromEntries(Object.entries(incoming.headers).filter(([name]) => !dropped.includes(name)))
    const onward = request(
      { port, host: '127.0.0.1', method: incoming.method, path: incoming.url, headers },
      (answer) => {
        if (fault.type === 'lose') return void answer.resume().on('end', () => incoming.socket.destroy())
        const relay = (): void => {
          outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
          if (fault.type === 'half') {
            answer.once('data', (chunk: Buffer) => {
              outgoing.write(chunk.subarray(0, 1_000), () => incoming.socket.destroy())
            })
            return
          }
          answer.pipe(outgoing)
        }
        if (fault.type === 'late') setTimeout(relay, fault.ms)
        else relay()
      },
    )
    onward.on('error', () => incoming.socket.destroy())
    incoming.pipe(onward)
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const self: FaultyProxy = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    rule: () => pass,
    seen,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return self
}
