/**
 * The open sockets of one set of connections, so that all can be closed at once. kafkajs would wait
 * for the answers in flight; destroying a socket with an error makes it give up and stop its
 * timers.
 */
import { Buffer } from 'node:buffer'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ISocketFactory, ISocketFactoryArgs } from 'kafkajs'

export interface Sockets {
  /**
   * Factory for one connection. `opened` receives its socket before any event; `received` the
   * incoming bytes, in memory that the next ones overwrite.
   */
  factory(opened: (socket: Socket) => void, received: (bytes: Buffer) => void): ISocketFactory
  readonly closed: boolean
  /** Resolves when all sockets are closed. Refuses new ones from now on. */
  close(): Promise<void>
}

export function sockets(): Sockets {
  const open = new Set<Socket>()
  let closed = false

  return {
    factory: (opened, received) => (options) => {
      const socket = create(options, received)
      // Requests are written whole: delaying a small one until the last acknowledgement would only
      // cost time.
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

/** Bytes per read. */
const readBytes = 64 * 1024

/** ms */
const keepAlive = 60_000

/**
 * Like kafkajs's own, plus `onread`: a new buffer for every 64 KiB would cost a twentieth of all
 * CPU time.
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
  // Node's types lack the option `onread` of tls.connect.
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
