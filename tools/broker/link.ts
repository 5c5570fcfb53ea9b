/**
 * A TCP relay in which the bytes of either direction can be held, as in a network that loses every packet one way: connections stay
 * open, new ones are accepted, and what was sent meanwhile arrives once the network is back.
 */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface Address {
  readonly host: string
  readonly port: number
}

/** 'there': from those who connect; 'back': what they are answered. */
export type Direction = 'there' | 'back'

export interface Link {
  hold(direction: Direction, held: boolean): void
  close(): Promise<void>
}

/** Rejects with the system's error where `at` cannot be listened on. */
export async function startLink(at: Address, target: Address): Promise<Link> {
  const held = { there: false, back: false }
  const open = new Set<Relayed>()
  const server = createServer((near) => {
    const one = relayed(near, connect(target.port, target.host), () => open.delete(one))
    open.add(one)
    for (const direction of ['there', 'back'] as const) one.hold(direction, held[direction])
  })
  server.listen(at.port, at.host)
  await once(server, 'listening')
  return {
    hold(direction, now) {
      // Piped twice, every byte would arrive twice.
      if (held[direction] === now) return
      held[direction] = now
      for (const one of open) one.hold(direction, now)
    },
    async close() {
      for (const one of open) one.end()
      server.close()
      await once(server, 'close')
    },
  }
}

interface Relayed {
  hold(direction: Direction, held: boolean): void
  end(): void
}

function relayed(near: Socket, far: Socket, closed: () => void): Relayed {
  const ends = { there: [near, far], back: [far, near] } as const
  function end(): void {
    near.destroy()
    far.destroy()
    closed()
  }
  for (const socket of [near, far]) {
    socket.setNoDelay(true)
    socket.on('error', () => undefined)
    socket.on('close', end)
  }
  return {
    // A held socket is not read, so that its end is not noticed either, as it would not be behind a network that is gone.
    hold(direction, held) {
      const [from, to] = ends[direction]
      if (!held) return void from.pipe(to)
      from.unpipe(to)
      from.pause()
    },
    end,
  }
}
