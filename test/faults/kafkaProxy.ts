/**
 * A TCP proxy between job and broker that reads along, and cuts the connection at a request of one's choice:
 *
 *   'request'   the broker never gets it
 *   'answer'    the broker has done it, and the job never hears
 *
 * The broker must send its clients here: give it a listener whose advertised address is that of the proxy.
 */
import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { type Deferred, deferred } from '../../src/deferred.ts'

export interface Cut {
  /** Kafka's number of the request: 26 is EndTxn. */
  readonly api: number
  /** At its how-manieth occurrence, counted from the call of `cutAt`. */
  readonly nth: number
  readonly lose: 'request' | 'answer'
}

export interface KafkaProxy {
  /** host:port */
  readonly address: string
  /** Where connections go from now on: host:port. */
  target: string
  /** Resolves when the cut has happened. The connection is gone by then, and later ones are let through. */
  cutAt(cut: Cut): Promise<void>
  close(): Promise<void>
}

interface Planned extends Cut {
  seen: number
  readonly done: Deferred<void>
}

export async function startKafkaProxy(): Promise<KafkaProxy> {
  const open = new Set<Socket>()
  let planned: Planned | null = null

  /** What of the plan a request brings about. */
  function due(api: number): Planned | null {
    if (planned === null || planned.api !== api) return null
    planned.seen += 1
    return planned.seen === planned.nth ? planned : null
  }

  const server = createServer((client) => {
    const [host, port] = proxy.target.split(':')
    const broker = connect(Number(port), host)
    const both = [client, broker]
    const end = (): void => {
      for (const socket of both) socket.destroy()
    }
    const awaited = new Map<number, Planned>()
    for (const socket of both) {
      open.add(socket)
      socket.setNoDelay(true)
      socket.on('error', end)
      socket.on('close', end)
      socket.on('close', () => open.delete(socket))
    }

    function cut(plan: Planned): void {
      planned = null
      end()
      plan.done.resolve()
    }

    onFrames(client, (frame) => {
      const plan = due(frame.readInt16BE(4))
      if (plan?.lose === 'request') return cut(plan)
      if (plan !== null) awaited.set(frame.readInt32BE(8), plan)
      broker.write(frame)
    })
    onFrames(broker, (frame) => {
      const plan = awaited.get(frame.readInt32BE(4))
      if (plan !== undefined) return cut(plan)
      client.write(frame)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const proxy: KafkaProxy = {
    address: `localhost:${(server.address() as AddressInfo).port}`,
    target: '',
    cutAt(cut) {
      planned = { ...cut, seen: 0, done: deferred() }
      return planned.done.promise
    },
    async close() {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
  return proxy
}

/** Calls `each` with every whole frame: its size in 4 bytes, and what it holds. */
function onFrames(socket: Socket, each: (frame: Buffer) => void): void {
  let parts: Buffer[] = []
  let have = 0
  socket.on('data', (chunk) => {
    parts.push(chunk)
    have += chunk.length
    if (have < wantedBy(parts)) return
    let bytes = Buffer.concat(parts)
    for (let size = sizeOf(bytes); bytes.length >= size && !socket.destroyed; size = sizeOf(bytes)) {
      each(bytes.subarray(0, size))
      bytes = bytes.subarray(size)
    }
    parts = [bytes]
    have = bytes.length
  })
}

function wantedBy([first]: readonly Buffer[]): number {
  return first === undefined || first.length < 4 ? 4 : sizeOf(first)
}

function sizeOf(bytes: Buffer): number {
  return bytes.length < 4 ? Infinity : 4 + bytes.readInt32BE(0)
}
