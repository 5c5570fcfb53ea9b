/** One connection through the proxy: two sockets, a lane in each direction, and what happens to them. */
import { connect, type Socket } from 'node:net'
import { apiOf, onFrames } from './frames.ts'
import { lane } from './lane.ts'

/** What all connections have in common. */
export interface Link {
  /** host:port */
  target(): string
  /** ms a frame */
  delay: number
  stalled: boolean
  /** A request is passing: null, or what to call when the connection is cut because of it, and when that is. */
  due(api: number): ((() => void) & { readonly lose: 'request' | 'answer' }) | null
  /** A request is held back although its connection is not stalled. */
  detained(api: number): void
  closed(one: Proxied): void
}

export interface Proxied {
  pump(): void
  detain(detained: boolean): void
  end(): void
}

export function proxied(client: Socket, link: Link): Proxied {
  const [host, port] = link.target().split(':')
  const broker = connect(Number(port), host)
  const cuts = new Map<number, () => void>()
  const delay = (): number => link.delay
  let detained = false
  const requests = lane({ delay, blocked: () => link.stalled || detained, write: (frame) => broker.write(frame) })
  const answers = lane({ delay, blocked: () => link.stalled, write: (frame) => client.write(frame) })

  function end(): void {
    client.destroy()
    broker.destroy()
    link.closed(self)
  }

  /** What is detained outlives its sender: the broker gets it later, as from a network that has taken its time. */
  function clientGone(): void {
    if (!detained || requests.empty) end()
  }

  const self: Proxied = {
    pump() {
      requests.pump()
      answers.pump()
    },
    detain(now) {
      detained = now
      requests.pump()
      if (now || !client.destroyed) return
      // Everything is with the broker before the connection ends.
      broker.end()
      link.closed(self)
    },
    end,
  }
  for (const socket of [client, broker]) socket.setNoDelay(true).on('error', () => undefined)
  client.on('close', clientGone)
  broker.on('close', end)
  onFrames(client, (frame) => {
    const cut = link.due(apiOf(frame))
    if (cut?.lose === 'request') {
      end()
      return cut()
    }
    if (cut !== null) cuts.set(frame.readInt32BE(8), cut)
    requests.push(frame)
    if (detained) link.detained(apiOf(frame))
  })
  onFrames(broker, (frame) => {
    const cut = cuts.get(frame.readInt32BE(4))
    if (cut === undefined) return answers.push(frame)
    end()
    cut()
  })
  return self
}
