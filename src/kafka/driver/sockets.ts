/**
 * The open sockets of one set of connections, so that all of them can be ended at once. kafkajs
 * would wait for the answers of what is under way; a socket that is destroyed with an error makes
 * it give up, and its timers with it.
 */
import { Buffer } from 'node:buffer'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ISocketFactory, ISocketFactoryArgs } from 'kafkajs'

export interface Sockets {
  /**
   * For one connection; `opened` gets its socket before anything can happen on it, `received` what
   * comes in: memory that the next bytes are written to.
   */
  factory(opened: (socket: Socket) => void, received: (bytes: Buffer) => void): ISocketFactory
  readonly closed: boolean
  /** Resolves when all are gone. New ones are refused from now on. */
  close(): Promise<void>
}

export function sockets(): Sockets {
  const open = new Set<Socket>()
  let closed = false

  return {
    factory: (opened, received) => (options) => {
      const socket = create(options, received)
      // Requests are written whole: holding a small one back for the acknowledgement of the last
      // would only cost time.
      socket.setNoDelay(true)
      open.add(socket)
      socket.once('close', () => open.delete(socket))
      opened(socket)
      return socket
    },
    get closed() {
      return closed
    },
    async close() {
      closed = true
      await Promise.all([...open].map(destroyed))
    },
  }
}

/** Read at once, bytes. */
const readBytes = 64 * 1024

/** ms */
const keepAlive = 60_000

/**
 * As kafkajs's own, but for `onread`: a buffer for each 64 KiB that are read would cost a twentieth
 * of all CPU time.
 */
function create({ host, port, ssl, onConnect }: ISocketFactoryArgs, received: (bytes: Buffer) => void): Socket {
  const buffer = Buffer.allocUnsafeSlow(readBytes)
  const onread = {
    buffer,
    callback(bytes: number) {
      received(buffer.subarray(0, bytes))
      return true
    },
  }
  // Node's types do not know that tls.connect takes `onread`, too.
  const tls = { host, port, onread, ...(isIP(host) === 0 ? { servername: host } : {}), ...ssl }
  const socket = ssl ? connectTls(tls, onConnect) : connect({ host, port, onread }, onConnect)
  return socket.setKeepAlive(true, keepAlive)
}

function destroyed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve())
    socket.destroy(new Error('closed by this side'))
  })
}
