/**
 * A schema registry in memory, over HTTP: what is asked of one here, as Confluent documents it. `registryContract.ts` holds it and a real one to
 * the same; this one can also fail when it is told to.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

interface Stored {
  readonly id: number
  readonly schema: string
  readonly schemaType?: string
  readonly references?: readonly unknown[]
}

export interface FakeRegistry {
  readonly url: string
  /** "GET /schemas/ids/1", in order */
  readonly requests: readonly string[]
  /** The value of the header `authorization` of the last request. */
  readonly authorization: () => string | undefined
  /** So many requests are answered with this status, or not at all where it is 'hang'. */
  fail(times: number, status: number | 'hang'): void
  /** As another producer would. Returns its id. */
  add(subject: string, schema: string, schemaType?: string): number
  /** No schema of this subject is compatible from now on. */
  refuse(subject: string): void
}

/** Ends with the test. */
export async function fakeRegistry(): Promise<FakeRegistry> {
  const subjects = new Map<string, Stored[]>()
  const refusing = new Set<string>()
  const requests: string[] = []
  let failing: { left: number; readonly status: number | 'hang' } = { left: 0, status: 500 }
  let authorization: string | undefined

  const all = (): Stored[] => [...subjects.values()].flat()
  const keyOf = ({ schema, schemaType = 'AVRO', references = [] }: Omit<Stored, 'id'>): string =>
    JSON.stringify([schema, schemaType, references])

  function register(subject: string, given: Omit<Stored, 'id'>): Stored {
    const versions = subjects.get(subject) ?? []
    const same = (one: Stored): boolean => keyOf(one) === keyOf(given)
    const known = versions.find(same)
    if (known !== undefined) return known
    const ids = new Set(all().map(keyOf))
    const stored = { ...given, id: all().find(same)?.id ?? ids.size + 1 }
    subjects.set(subject, [...versions, stored])
    return stored
  }

  function answer(method: string, path: readonly string[], body: Omit<Stored, 'id'> | null): [number, object] {
    const [area, name = '', versions, version = ''] = path
    if (area === 'schemas') {
      const found = all().find(({ id }) => id === Number(path[2]))
      if (found === undefined) return [404, { error_code: 40403, message: 'Schema not found' }]
      const { id: _, ...rest } = found
      return [200, rest]
    }
    const known = subjects.get(name)
    if (method === 'POST' && body !== null) {
      if (versions === undefined) {
        const found = known?.find((one) => keyOf(one) === keyOf(body))
        return found
          ? [200, { ...found, subject: name }]
          : [404, { error_code: known ? 40403 : 40401, message: 'not found' }]
      }
      if (refusing.has(name)) return [409, { error_code: 409, message: 'Schema being registered is incompatible' }]
      return [200, { id: register(name, body).id }]
    }
    const found = version === 'latest' ? known?.at(-1) : known?.[Number(version) - 1]
    return found ? [200, { ...found, subject: name }] : [404, { error_code: 40401, message: 'Subject not found.' }]
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await bodyOf(request)
    requests.push(`${request.method} ${request.url}`)
    authorization = request.headers.authorization
    if (failing.left-- > 0) {
      if (failing.status !== 'hang') response.writeHead(failing.status).end('<html>secret</html>')
      return
    }
    const path = (request.url ?? '').split('/').slice(1).map(decodeURIComponent)
    const [status, body] = answer(request.method ?? '', path, text === '' ? null : JSON.parse(text))
    response.writeHead(status, { 'content-type': 'application/vnd.schemaregistry.v1+json' }).end(JSON.stringify(body))
  }

  const server = createServer((request, response) => void handle(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    authorization: () => authorization,
    fail(left, status) {
      failing = { left, status }
    },
    add: (subject, schema, schemaType) => register(subject, { schema, ...(schemaType && { schemaType }) }).id,
    refuse: (subject) => void refusing.add(subject),
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
