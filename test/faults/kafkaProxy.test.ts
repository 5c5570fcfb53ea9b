import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { onFrames } from './frames.ts'
import { type KafkaProxy, startKafkaProxy } from './kafkaProxy.ts'

/** size, api, version, correlation id */
function request(api: number, correlation: number): Buffer {
  const frame = Buffer.alloc(12)
  frame.writeInt32BE(8, 0)
  frame.writeInt16BE(api, 4)
  frame.writeInt32BE(correlation, 8)
  return frame
}

/** size, correlation id */
function answer(correlation: number): Buffer {
  const frame = Buffer.alloc(8)
  frame.writeInt32BE(4, 0)
  frame.writeInt32BE(correlation, 4)
  return frame
}

describe('the proxy', () => {
  let broker: Server
  let proxy: KafkaProxy
  /** The correlation ids that the broker has seen. */
  let seen: number[]
  const clients: Socket[] = []

  beforeEach(async () => {
    seen = []
    broker = createServer((socket) => {
      socket.on('error', () => undefined)
      onFrames(socket, (frame) => {
        seen.push(frame.readInt32BE(8))
        socket.write(answer(frame.readInt32BE(8)))
      })
    }).listen(0, '127.0.0.1')
    await once(broker, 'listening')
    proxy = await startKafkaProxy()
    proxy.target = `127.0.0.1:${(broker.address() as AddressInfo).port}`
  })

  afterEach(async () => {
    for (const client of clients) client.destroy()
    await proxy.close()
    broker.close()
  })

  /** A client, and the correlation ids of the answers that it gets. */
  async function client() {
    const [, port] = proxy.address.split(':')
    const socket = connect(Number(port), '127.0.0.1')
    clients.push(socket)
    const answers: number[] = []
    onFrames(socket, (frame) => answers.push(frame.readInt32BE(4)))
    await once(socket, 'connect')
    return { socket, answers }
  }

  it('lets through what there is no fault for', async () => {
    const { socket, answers } = await client()
    socket.write(Buffer.concat([request(0, 1), request(26, 2)]))
    await vi.waitFor(() => expect(answers).toEqual([1, 2]))
  })

  it.each([
    ['request', [1, 2]],
    ['answer', [1, 2, 3]],
  ] as const)('cuts the connection so that the %s of the second EndTxn is lost', async (lose, reached) => {
    const { socket, answers } = await client()
    const cut = proxy.cutAt({ api: 26, nth: 2, lose })
    socket.write(Buffer.concat([request(26, 1), request(0, 2)]))
    await vi.waitFor(() => expect(answers).toEqual([1, 2]))
    socket.write(request(26, 3))
    await Promise.all([cut, once(socket, 'close')])
    await vi.waitFor(() => expect(seen).toEqual(reached))
    expect(answers).toEqual([1, 2])
  })

  it('passes nothing while it is stalled, and everything afterwards', async () => {
    const { socket, answers } = await client()
    socket.write(request(0, 1))
    await vi.waitFor(() => expect(answers).toEqual([1]))
    proxy.stall(true)
    socket.write(request(0, 2))
    const other = await client()
    other.socket.write(request(0, 3))
    proxy.stall(false)
    await vi.waitFor(() => expect([...answers, ...other.answers]).toEqual([1, 2, 3]))
  })

  it('brings detained requests to the broker after their sender has gone, and lets new connections through meanwhile', async () => {
    const { socket, answers } = await client()
    socket.write(request(0, 1))
    await vi.waitFor(() => expect(answers).toEqual([1]))
    const detained = proxy.detain(26)
    socket.write(Buffer.concat([request(0, 2), request(26, 3)]))
    await detained
    socket.destroy()
    const successor = await client()
    successor.socket.write(request(0, 4))
    await vi.waitFor(() => expect(successor.answers).toEqual([4]))
    expect(seen).toEqual([1, 4])
    proxy.release()
    await vi.waitFor(() => expect(seen).toEqual([1, 4, 2, 3]))
  })
})
