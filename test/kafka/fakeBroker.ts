/** A broker of a few lines: it says what it can do and where it is, and for the rest does what the test tells it to. */
import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { reader } from '../../src/kafka/protocol/reader.ts'
import { type Writer, writer } from '../../src/kafka/protocol/writer.ts'

export interface FakeRequest {
  readonly apiKey: number
  readonly version: number
  readonly clientId: string
  /** What comes after the header. */
  readonly body: Buffer
  readonly socket: Socket
  answer(write: (to: Writer) => void): void
}

export interface FakeBroker {
  readonly address: string
  readonly port: number
  /** Every request except ApiVersions, in the order of arrival. */
  readonly requests: readonly FakeRequest[]
  /** How many connections were made. */
  readonly connections: number
  /** Called for each request that is neither ApiVersions nor Metadata. */
  onRequest: (request: FakeRequest) => void
  /** Its number in Metadata. */
  node: number
  /** Where Metadata says that this node is. */
  advertised: { host: string; port: number }
  /** The versions of every api, unless told otherwise. */
  versions: Map<number, { min: number; max: number }>
  /** false: it accepts connections and says nothing at all. */
  talks: boolean
  close(): Promise<void>
}

const apis = [0, 1, 2, 3, 10, 17, 18, 22, 24, 25, 26, 28, 36]

/** ApiVersions, and what kafkajs sends for SASL: their answers have the old header. */
const plainAnswers = [17, 18, 36]

/** Like a broker that is busy: it does not hang up because the other side is done. */
const halfOpen = { allowHalfOpen: true }

/** @param tls key and certificate; without them it speaks plain TCP. */
export async function fakeBroker(tls?: TlsOptions, host = '127.0.0.1'): Promise<FakeBroker> {
  const requests: FakeRequest[] = []
  const sockets = new Set<Socket>()
  const server = tls === undefined ? createServer(halfOpen, accept) : createTlsServer(tls, accept)

  function accept(socket: Socket): void {
    sockets.add(socket)
    broker.connections += 1
    socket.on('error', () => undefined)
    let bytes = Buffer.alloc(0)
    socket.on('data', (more) => {
      bytes = Buffer.concat([bytes, more])
      while (bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE(0)) {
        const size = bytes.readInt32BE(0)
        receive(socket, bytes.subarray(4, 4 + size))
        bytes = bytes.subarray(4 + size)
      }
    })
  }

  function receive(socket: Socket, frame: Buffer): void {
    if (!broker.talks) return
    const from = reader(frame)
    const [apiKey, version, correlationId] = [from.int16(), from.int16(), from.int32()]
    const idLength = from.int16()
    const idEnd = 10 + idLength
    const request: FakeRequest = {
      apiKey,
      version,
      clientId: frame.toString('utf8', 10, idEnd),
      body: frame.subarray(idEnd + 1),
      socket,
      answer(write) {
        const to = writer()
        to.int32(correlationId)
        if (!plainAnswers.includes(apiKey)) to.tags()
        write(to)
        for (const chunk of to.frame()) socket.write(chunk)
      },
    }
    if (apiKey !== 18) requests.push(request)
    if (apiKey === 18) request.answer(abilities)
    else if (apiKey === 3) request.answer(self)
    else broker.onRequest(request)
  }

  function abilities(to: Writer): void {
    to.int16(0)
    to.array([...broker.versions], ([key, { min, max }]) => {
      to.int16(key)
      to.int16(min)
      to.int16(max)
      to.tags()
    })
    to.int32(0)
    to.tags()
  }

  function self(to: Writer): void {
    to.int32(0)
    to.array([broker.advertised], ({ host, port }) => {
      to.int32(broker.node)
      to.string(host)
      to.int32(port)
      to.string(null)
      to.tags()
    })
    to.string('fake')
    to.int32(1)
    to.array([], () => undefined)
    to.tags()
  }

  server.listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const broker = {
    address: `127.0.0.1:${port}`,
    port,
    requests,
    connections: 0,
    onRequest: (_: FakeRequest): void => undefined,
    node: 1,
    advertised: { host, port },
    versions: new Map(apis.map((key) => [key, { min: 0, max: 99 }])),
    talks: true,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
  return broker
}

/** A port on which nobody listens. */
export async function deadAddress(): Promise<string> {
  const broker = await fakeBroker()
  await broker.close()
  return broker.address
}
