/**
 * The open sockets of one set of connections, so that all of them can be ended at once. kafkajs would wait for the answers of what is
 * under way; a socket that is destroyed with an error makes it give up, and its timers with it.
 */
import type { Socket } from 'node:net'
import type { ISocketFactory } from 'kafkajs'
import socketFactory from 'kafkajs/src/network/socketFactory.js'

export interface Sockets {
  /** For one connection; `opened` gets its socket before anything can happen on it. */
  factory(opened: (socket: Socket) => void): ISocketFactory
  readonly closed: boolean
  /** Resolves when all are gone. New ones are refused from now on. */
  close(): Promise<void>
}

export function sockets(): Sockets {
  const create = socketFactory()
  const open = new Set<Socket>()
  let closed = false

  return {
    factory: (opened) => (options) => {
      const socket = create(options)
      // Requests are written whole: holding a small one back for the acknowledgement of the last would only cost time.
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

function destroyed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve())
    socket.destroy(new Error('closed by this side'))
  })
}
