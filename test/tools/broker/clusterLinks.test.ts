import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  brokerIds,
  type ClusterLinks,
  hostOf,
  type NodeName,
  nodeNames,
  type Place,
  startLinks,
} from '../../../tools/broker/clusterLinks.ts'
import { UnavailableError } from '../../../tools/broker/foundBroker.ts'
import { freePort } from '../../../tools/broker/freePort.ts'

/** What each node has heard, and a way to talk to it. */
interface Network {
  readonly links: ClusterLinks
  readonly heard: Readonly<Record<NodeName, string[]>>
  /** Opens a connection; `got` collects what comes back: each word is answered by itself in capitals. */
  open(from: Place, to: NodeName): Promise<{ readonly socket: Socket; readonly got: string[] }>
}

const closing: (() => Promise<void> | void)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function network(): Promise<Network | null> {
  const ports = async () => ({ 1: await freePort(), 2: await freePort(), 3: await freePort() })
  const [job, inner] = [await ports(), { ...(await ports()), controller: await freePort() }]
  const heard: Record<NodeName, string[]> = { 1: [], 2: [], 3: [], controller: [] }
  for (const name of nodeNames) {
    await listen(inner[name], heard[name])
    if (name !== 'controller') await listen(job[name], heard[name])
  }
  const links = await startLinks({ job, inner }).catch((error) =>
    error instanceof UnavailableError ? null : Promise.reject(error),
  )
  if (links === null) return null
  closing.push(links.close)
  return {
    links,
    heard,
    async open(from, to) {
      const port = from === 'job' ? job[to as 1] : inner[to]
      const socket = connect(port, hostOf(from, to))
      closing.push(() => void socket.destroy())
      const got: string[] = []
      socket.setEncoding('utf8').on('data', (text: string) => got.push(...text))
      await once(socket, 'connect')
      return { socket, got }
    },
  }
}

async function listen(port: number, heard: string[]): Promise<void> {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.setEncoding('utf8').on('data', (text: string) => {
      heard.push(...text)
      socket.write(text.toUpperCase())
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
}

const some = await network()
const possible = some !== null

describe.skipIf(!possible)('the links of a cluster', () => {
  const opened = async () => (await network()) as Network

  it('lead from every place to every other node, and every byte arrives once', async () => {
    const { links, heard, open } = await opened()
    for (const from of ['job', ...brokerIds] as const) {
      for (const to of from === 'job' ? brokerIds : nodeNames) {
        if (from === to) continue
        const { socket, got } = await open(from, to)
        // Healing what is whole must not change anything.
        links.heal()
        socket.write('abc')
        await vi.waitUntil(() => got.length === 3)
        expect(heard[to].splice(0)).toEqual(['a', 'b', 'c'])
      }
    }
  })

  it('held one way: what is asked is not heard, or it is heard and the answer does not come; later all of it does', async () => {
    const { links, heard, open } = await opened()
    const [other, asked] = [await open(3, 2), await open(1, 2)]
    links.hold(1, 2)
    asked.socket.write('a')
    const late = await open(1, 2)
    late.socket.write('b')
    other.socket.write('o')
    await vi.waitUntil(() => other.got.length === 1)
    expect(heard[2]).toEqual(['o'])
    links.release(1, 2)
    await vi.waitUntil(() => asked.got.length + late.got.length === 2)
    links.hold(2, 1)
    asked.socket.write('c')
    await vi.waitUntil(() => heard[2].includes('c'))
    expect(asked.got).toEqual(['A'])
    links.heal()
    await vi.waitUntil(() => asked.got.length === 2)
    expect([asked.got, late.got]).toEqual([['A', 'C'], ['B']])
  })

  it('held: a connection that is given up meanwhile is not missed before the network is back', async () => {
    const { links, heard, open } = await opened()
    const { socket } = await open('job', 1)
    links.hold('job', 1)
    socket.end('last words')
    const other = await open('job', 2)
    other.socket.write('x')
    await vi.waitUntil(() => other.got.length === 1)
    expect(heard[1]).toEqual([])
    links.heal()
    await vi.waitUntil(() => heard[1].join('') === 'last words')
  })
})
