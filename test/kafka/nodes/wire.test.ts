import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import type { TlsOptions } from 'node:tls'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { FatalError, RetriableError, RxweftError } from '../../../src/errors.ts'
import { kafkaCluster } from '../../../src/kafka/cluster.ts'
import type { KafkaClusterConfig } from '../../../src/kafka/driver/driverSettings.ts'
import { idle } from '../../../src/kafka/driver/wire.ts'
import type { Connections } from '../../../src/kafka/nodes/connections.ts'
import { endTxn } from '../../../src/kafka/protocol/endTxn.ts'
import { fetch } from '../../../src/kafka/protocol/fetch.ts'
import { findCoordinator } from '../../../src/kafka/protocol/findCoordinator.ts'
import { initProducerId } from '../../../src/kafka/protocol/initProducerId.ts'
import { zeroTopicId } from '../../../src/kafka/protocol/metadata.ts'
import type { Writer } from '../../../src/kafka/protocol/writer.ts'
import type { Notice } from '../../../src/notice.ts'
import { deadAddress, type FakeBroker, type FakeRequest, fakeBroker } from '../fakeBroker.ts'
import { testCertificate } from '../testCertificate.ts'

const brokers: FakeBroker[] = []
const opened: Connections[] = []

afterEach(async () => {
  await Promise.all(opened.splice(0).map((connections) => connections.close()))
  await Promise.all(brokers.splice(0).map((broker) => broker.close()))
})

async function broker(tls?: TlsOptions): Promise<FakeBroker> {
  const made = await fakeBroker(tls)
  brokers.push(made)
  return made
}

async function connected(addresses: string[], config: Partial<KafkaClusterConfig> = {}): Promise<Connections> {
  const connections = await kafkaCluster({ brokers: addresses, ...config }).connect('test')
  opened.push(connections)
  return connections
}

const end = { transactionalId: 'tx', producerId: 1, producerEpoch: 0, committed: true }
const bare = { transactionalId: null, transactionTimeout: 0, producerId: -1, producerEpoch: -1 }

function poll(maxWait: number) {
  const partitions = [{ topic: 't', topicId: zeroTopicId, partition: 0, offset: 0, maxBytes: 1 }]
  return { maxWait, minBytes: 1, maxBytes: 1, partitions }
}

/** Nothing else happens in this process for so many ms. */
function block(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

/** Answers InitProducerId with the epoch given, and with how long nothing more is read, ms. */
function grant(request: FakeRequest, epoch: number, throttleTime = 0): void {
  request.answer((to) => {
    to.int32(throttleTime)
    to.int16(0)
    to.int64(7)
    to.int16(epoch)
    to.tags()
  })
}

async function failure(promise: Promise<unknown>): Promise<RxweftError> {
  const error = await promise.then(
    () => null,
    (reason) => reason,
  )
  expect(error).toBeInstanceOf(RxweftError)
  return error
}

describe('requests', () => {
  it('leave in the order in which they were made, all on one connection, and answers find their calls', async () => {
    const fake = await broker()
    const connections = await connected([fake.address])
    let epoch = 0
    fake.onRequest = (request) => grant(request, epoch++)
    const calls = Array.from({ length: 50 }, (_, transactionTimeout) =>
      connections.call(1, initProducerId, { ...bare, transactionTimeout }),
    )
    const answers = await Promise.all(calls)
    const inOrder = Array.from({ length: 50 }, (_, index) => index)
    expect(answers.map(({ producerEpoch }) => producerEpoch)).toEqual(inOrder)
    const sent = fake.requests.filter(({ apiKey }) => apiKey === 22)
    expect(sent.map(({ body }) => body.readInt32BE(1))).toEqual(inOrder)
    expect(fake.connections).toBe(1)
  })

  it('leave in order on a new connection, too', async () => {
    const fake = await broker()
    const connections = await connected([fake.address])
    fake.onRequest = (request) => grant(request, 0)
    fake.requests[0]?.socket.destroy()
    const lost = await failure(poked(connections))
    expect(lost.code).toMatch(/^CONNECTION_(LOST|FAILED)$/)
    await Promise.all(
      Array.from({ length: 20 }, (_, transactionTimeout) =>
        connections.call(1, initProducerId, { ...bare, transactionTimeout }),
      ),
    )
    const sent = fake.requests.filter(({ apiKey }) => apiKey === 22).slice(-20)
    expect(sent.map(({ body }) => body.readInt32BE(1))).toEqual(Array.from({ length: 20 }, (_, index) => index))
    expect(fake.connections).toBe(2)
  })

  it('keep a connection open that is used, or waits for an answer, and close it otherwise', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const fake = await broker()
    const connections = await connected([fake.address])
    fake.onRequest = (request) => grant(request, 0)
    for (let i = 0; i < 5; i++) {
      vi.advanceTimersByTime(idle)
      await connections.call(1, initProducerId, bare)
    }
    let answer = (): void => undefined
    fake.onRequest = (request) => {
      answer = () => grant(request, 7)
    }
    const before = fake.requests.length
    const waits = connections.call(1, initProducerId, bare)
    await vi.waitUntil(() => fake.requests.length > before)
    vi.advanceTimersByTime(5 * idle)
    answer()
    expect((await waits).producerEpoch).toBe(7)
    expect(fake.connections).toBe(1)
    fake.onRequest = (request) => grant(request, 8)
    vi.advanceTimersByTime(2 * idle)
    expect((await connections.call(1, initProducerId, bare)).producerEpoch).toBe(8)
    expect(fake.connections).toBe(2)
  })

  /** Calls until the broken connection has been noticed. */
  async function poked(connections: Connections): Promise<void> {
    for (;;) await connections.call(1, initProducerId, bare)
  }

  it('carry the client id with the name of the connections', async () => {
    const fake = await broker()
    await connected([fake.address], { clientId: 'uppercase' })
    expect(fake.requests[0]?.clientId).toBe('uppercase-test')
  })

  it('are not given up if the answer has come while the event loop was blocked for longer than they may take', async () => {
    const fake = await broker()
    const connections = await connected([fake.address], { requestTimeout: 100 })
    fake.onRequest = (request) => {
      grant(request, 7)
      // The answer is on the socket, and nobody can read it.
      block(1_000)
    }
    expect(await connections.call(1, initProducerId, bare)).toMatchObject({ producerEpoch: 7 })
  })

  describe('to a broker that throttles for longer than they may take', () => {
    const throttleTime = 500
    const ask = (connections: Connections) => connections.call(1, initProducerId, bare)

    /** The first answer comes at once; those to what is sent meanwhile when the broker reads on, or never. */
    async function throttling(answers = true): Promise<Connections> {
      const fake = await broker()
      let seen = 0
      fake.onRequest = (request) => {
        seen += 1
        if (seen === 1) grant(request, 1, throttleTime)
        else if (answers) setTimeout(grant, throttleTime, request, seen)
      }
      return connected([fake.address], { requestTimeout: 100 })
    }

    it('wait until it reads on, those that were sent before it said so, too', async () => {
      const connections = await throttling()
      const both = await Promise.all([ask(connections), ask(connections)])
      expect(both.map(({ producerEpoch }) => producerEpoch)).toEqual([1, 2])
    })

    it('wait until it reads on, those that are sent meanwhile', async () => {
      const connections = await throttling()
      await ask(connections)
      expect((await ask(connections)).producerEpoch).toBe(2)
    })

    it('are given up if it says nothing even then', async () => {
      const connections = await throttling(false)
      await ask(connections)
      const before = performance.now()
      expect((await failure(ask(connections))).code).toBe('REQUEST_TIMEOUT')
      expect(performance.now() - before).toBeGreaterThan(throttleTime)
    })
  })

  it('leave no timer behind, neither when they are answered nor on a connection that is idle', async () => {
    const fake = await broker()
    fake.onRequest = (request) => grant(request, 0)
    const connections = await connected([fake.address])
    const set = vi.spyOn(globalThis, 'setTimeout')
    const cleared = vi.spyOn(globalThis, 'clearTimeout')
    await connections.call(1, initProducerId, bare)
    await setImmediate()
    const timers = set.mock.results.map(({ value }) => value)
    const left = timers.filter((timer) => !cleared.mock.calls.some(([gone]) => gone === timer))
    vi.restoreAllMocks()
    expect(timers).toHaveLength(1)
    expect(left).toEqual([])
  })

  it('do not wait behind a fetch that is held back', async () => {
    const fake = await broker()
    const connections = await connected([fake.address])
    fake.onRequest = (request) => request.apiKey === 22 && grant(request, 3)
    const held = failure(connections.call(1, fetch, poll(10_000)))
    expect((await connections.call(1, initProducerId, bare)).producerEpoch).toBe(3)
    expect(fake.connections).toBe(2)
    await connections.close()
    await held
  })

  it('use the newest version that broker, codec, arguments and caller all know', async () => {
    const fake = await broker()
    fake.onRequest = ({ socket }) => socket.destroy()
    const versionOf = async (max: number, maxVersion?: number): Promise<number | undefined> => {
      fake.versions.set(26, { min: 0, max })
      const connections = await connected([fake.address])
      await failure(connections.call(1, endTxn, end, maxVersion === undefined ? {} : { maxVersion }))
      return fake.requests.at(-1)?.version
    }
    expect(await versionOf(99)).toBe(5)
    expect(await versionOf(4)).toBe(4)
    expect(await versionOf(99, 4)).toBe(4)
    expect(await versionOf(3, 4)).toBe(3)
    const connections = await connected([fake.address])
    await failure(connections.call(1, fetch, poll(0)))
    expect(fake.requests.at(-1)?.version).toBe(12)
  })

  it('are refused if the broker is too old, and nothing is sent', async () => {
    const fake = await broker()
    fake.versions.set(26, { min: 0, max: 2 })
    const connections = await connected([fake.address])
    const error = await failure(connections.call(1, endTxn, end))
    expect(error).toBeInstanceOf(FatalError)
    expect(error.code).toBe('BROKER_UNSUITABLE')
    expect(error.message).toContain('EndTxn is served in versions 0 to 2')
    expect(fake.requests.map(({ apiKey }) => apiKey)).toEqual([3])
  })
})

describe('a connection that breaks', () => {
  it('with a request under way: the outcome is unknown, the request is not sent again, and the next call reconnects', async () => {
    const fake = await broker()
    const connections = await connected([fake.address])
    fake.onRequest = ({ socket }) => socket.destroy()
    const error = await failure(connections.call(1, endTxn, end))
    expect(error).toBeInstanceOf(RetriableError)
    expect(error.code).toBe('CONNECTION_LOST')
    expect(error.message).toContain('EndTxn')
    expect(error.where.broker).toBe(fake.address)
    expect(fake.requests.filter(({ apiKey }) => apiKey === 26)).toHaveLength(1)
    fake.onRequest = (request) => grant(request, 5)
    expect((await connections.call(1, initProducerId, bare)).producerEpoch).toBe(5)
  })

  it('in the middle of an answer: the outcome is unknown, too', async () => {
    const fake = await broker()
    const connections = await connected([fake.address])
    fake.onRequest = ({ socket }) => socket.end(Buffer.from([0, 0, 0, 40, 1, 2, 3]))
    expect((await failure(connections.call(1, endTxn, end))).code).toBe('CONNECTION_LOST')
  })

  it('fails every request that is under way on it, and those of fetch go on', async () => {
    const fake = await broker()
    const connections = await connected([fake.address])
    const held: FakeRequest[] = []
    fake.onRequest = (request) => void held.push(request)
    const fetching = connections.call(1, fetch, poll(60_000))
    const calls = [1, 2, 3].map(() => failure(connections.call(1, endTxn, end)))
    await expect.poll(() => held.length).toBe(4)
    held.find(({ apiKey }) => apiKey === 26)?.socket.destroy()
    expect((await Promise.all(calls)).map(({ code }) => code)).toEqual(Array(3).fill('CONNECTION_LOST'))
    held
      .find(({ apiKey }) => apiKey === 1)
      ?.answer((to) => {
        to.int32(0)
        to.int16(0)
        to.int32(0)
        to.array([], () => undefined)
        to.tags()
      })
    expect(await fetching).toEqual([])
  })

  it('and a broker that is gone: the next call was certainly never sent', async () => {
    const fake = await broker()
    const connections = await connected([fake.address])
    fake.onRequest = ({ socket }) => socket.destroy()
    await failure(connections.call(1, endTxn, end))
    await brokers.pop()?.close()
    const error = await failure(connections.call(1, endTxn, end))
    expect(error.code).toBe('CONNECTION_FAILED')
    expect(error.message).toContain('ECONNREFUSED')
    expect(error.where.broker).toBe(fake.address)
  })

  it('is given up when an answer takes too long, with what else waits on it', async () => {
    const fake = await broker()
    const connections = await connected([fake.address])
    const other = failure(connections.call(1, endTxn, end))
    const error = await failure(connections.call(1, endTxn, end, { timeout: 50 }))
    expect(error).toBeInstanceOf(RetriableError)
    expect(error.code).toBe('REQUEST_TIMEOUT')
    expect(error.message).toContain('EndTxn')
    expect((await other).code).toBe('CONNECTION_LOST')
    fake.onRequest = (request) => grant(request, 1)
    expect((await connections.call(1, initProducerId, bare)).producerEpoch).toBe(1)
  })

  it('is dropped with an answer that is not waited for any more, and what else waits on it is in doubt', async () => {
    const fake = await broker()
    const connections = await connected([fake.address])
    const given = new AbortController()
    const other = failure(connections.call(1, endTxn, end))
    const mine = failure(connections.call(1, endTxn, end, { givenUp: given.signal }))
    await vi.waitFor(() => expect(fake.requests.filter(({ apiKey }) => apiKey === endTxn.key)).toHaveLength(2))
    given.abort()
    expect((await mine).code).toBe('CONNECTION_LOST')
    expect((await other).code).toBe('CONNECTION_LOST')
    fake.onRequest = (request) => grant(request, 1)
    expect((await connections.call(1, initProducerId, bare)).producerEpoch).toBe(1)
  })

  it('stays where the answer has come, and carries nothing that was given up before it was sent', async () => {
    const fake = await broker()
    const connections = await connected([fake.address])
    fake.onRequest = (request) => grant(request, 1)
    const given = new AbortController()
    const options = { givenUp: given.signal }
    await connections.call(1, initProducerId, bare, options)
    const { connections: opened } = fake
    given.abort()
    expect((await failure(connections.call(1, endTxn, end, options))).code).toBe('CONNECTION_FAILED')
    expect((await connections.call(1, initProducerId, bare)).producerEpoch).toBe(1)
    expect(fake.requests.map(({ apiKey }) => apiKey)).not.toContain(endTxn.key)
    expect(fake.connections).toBe(opened)
  })

  it('because of a length that no answer has is replaced at once', async () => {
    const fake = await broker()
    const connections = await connected([fake.address])
    fake.onRequest = ({ socket }) => void socket.write(Buffer.from([0xff, 0xff, 0xff, 0xf0, 1, 2, 3, 4]))
    const started = performance.now()
    expect((await failure(connections.call(1, endTxn, end))).code).toBe('CONNECTION_LOST')
    expect(performance.now() - started).toBeLessThan(10_000)
    fake.onRequest = (request) => grant(request, 1)
    expect((await connections.call(1, initProducerId, bare)).producerEpoch).toBe(1)
  })

  it('because of an answer that makes no sense is replaced', async () => {
    const fake = await broker()
    const connections = await connected([fake.address])
    fake.onRequest = (request) => request.answer((to) => to.int8(1))
    expect((await failure(connections.call(1, endTxn, end))).code).toBe('MALFORMED_ANSWER')
    fake.onRequest = (request) => grant(request, 1)
    expect((await connections.call(1, initProducerId, bare)).producerEpoch).toBe(1)
  })
})

describe('a long poll', () => {
  it('may take as long as the broker may hold it back, and requestTimeout on top', async () => {
    const fake = await broker()
    const connections = await connected([fake.address], { requestTimeout: 100 })
    const started = performance.now()
    expect((await failure(connections.call(1, fetch, poll(200)))).code).toBe('REQUEST_TIMEOUT')
    expect(performance.now() - started).toBeGreaterThan(290)
  })

  it('does not keep close() waiting: it rejects, and every later call, too', async () => {
    const fake = await broker()
    const connections = await connected([fake.address])
    const arrived: FakeRequest[] = []
    fake.onRequest = (request) => void arrived.push(request)
    const polling = failure(connections.call(1, fetch, poll(60_000)))
    await expect.poll(() => arrived.length).toBe(1)
    const started = performance.now()
    await connections.close()
    expect(performance.now() - started).toBeLessThan(100)
    expect((await polling).code).toBe('CONNECTION_CLOSED')
    expect((await failure(connections.call(1, endTxn, end))).code).toBe('CONNECTION_CLOSED')
    expect((await failure(connections.metadata([]))).code).toBe('CONNECTION_CLOSED')
    await connections.close()
  })
})

it('after close() nothing connects any more, also not for the first fetch', async () => {
  const fake = await broker()
  const connections = await connected([fake.address])
  const before = fake.connections
  await connections.close()
  expect((await failure(connections.call(1, fetch, poll(0)))).code).toBe('CONNECTION_CLOSED')
  expect(fake.connections).toBe(before)
})

describe('the first connection', () => {
  it('is made to an IPv6 address, and so is that of the admin client', async () => {
    const fake = await fakeBroker(undefined, '::1')
    brokers.push(fake)
    fake.advertised = { host: '::1', port: fake.port }
    fake.onRequest = (request) => grant(request, 3)
    const connections = await connected([`[::1]:${fake.port}`])
    expect((await connections.call(1, initProducerId, bare)).producerEpoch).toBe(3)
    const before = fake.connections
    const admin = kafkaCluster({ brokers: [`[::1]:${fake.port}`] }).admin()
    const trying = admin.connect().catch(() => undefined)
    await vi.waitFor(() => expect(fake.connections).toBeGreaterThan(before))
    await admin.disconnect()
    await Promise.race([trying, setImmediate()])
  })

  it('is made to the first of the configured brokers that answers', async () => {
    const fake = await broker()
    const connections = await connected([await deadAddress(), fake.address])
    expect((await connections.metadata([])).brokers).toEqual([{ node: 1, host: '127.0.0.1', port: fake.port }])
  })

  it('fails with the reason for each broker if none answers', async () => {
    const [one, two] = [await deadAddress(), await deadAddress()]
    const error = await failure(connected([one, two]))
    expect(error).toBeInstanceOf(RetriableError)
    expect(error.code).toBe('BROKERS_UNREACHABLE')
    for (const address of [one, two]) expect(error.message).toContain(`${address} (connect ECONNREFUSED`)
  })

  it('gives up a broker that accepts and then says nothing', async () => {
    const fake = await broker()
    fake.talks = false
    const error = await failure(connected([fake.address], { connectionTimeout: 50 }))
    expect(error.code).toBe('BROKERS_UNREACHABLE')
    expect(error.message).toContain('did not answer ApiVersions within 50 ms')
  })

  it('says that the listener may want something else if the broker hangs up on the first request', async () => {
    const fake = await broker()
    fake.versions.set(3, { min: 0, max: 99 })
    const error = await failure(hungUp(fake))
    expect(error.code).toBe('CONNECTION_LOST')
    expect(error.hint).toContain('`ssl` and `sasl`')
  })

  async function hungUp(fake: FakeBroker): Promise<Connections> {
    fake.advertised = {
      get host(): string {
        for (const { socket } of fake.requests) socket.destroy()
        return 'x'
      },
      port: 1,
    }
    return connected([fake.address])
  }
})

describe('nodes', () => {
  it('are found at their new address once metadata has told it', async () => {
    const [before, after] = [await broker(), await broker()]
    const connections = await connected([before.address])
    after.onRequest = (request) => grant(request, 8)
    before.advertised = after.advertised
    await connections.metadata([])
    expect((await connections.call(1, initProducerId, bare)).producerEpoch).toBe(8)
  })

  it('that have joined since the last metadata are looked for, and those that nobody knows are refused', async () => {
    const fake = await broker()
    const connections = await connected([fake.address])
    fake.onRequest = (request) => grant(request, 8)
    fake.node = 2
    expect((await connections.call(2, initProducerId, bare)).producerEpoch).toBe(8)
    expect(await failure(connections.call(3, initProducerId, bare))).toMatchObject({ code: 'NODE_UNKNOWN' })
  })

  it('that cannot be reached at the address that the cluster advertises: the error says that it is advertised', async () => {
    const fake = await broker()
    const [host, port] = (await deadAddress()).split(':')
    fake.advertised = { host: host as string, port: Number(port) }
    const notices: Notice[] = []
    const cluster = kafkaCluster({ brokers: [fake.address] })
    const connections = await cluster.connect('test', (notice) => void notices.push(notice))
    opened.push(connections)
    const error = await failure(connections.call(1, endTxn, end))
    await failure(connections.call(1, endTxn, end))
    expect(notices).toEqual([{ type: 'broker-unusable', broker: `${host}:${port}`, error }])
    expect(error.code).toBe('CONNECTION_FAILED')
    expect(error.message).toContain(`The cluster advertises ${host}:${port} as the address of its broker 1`)
    expect(error.hint).toContain('advertised.listeners')
  })

  it('are asked for metadata in turn, since one of them may be out of date for long', async () => {
    const [one, two] = [await broker(), await broker()]
    const connections = await connected([one.address, two.address])
    const asked = () => [one, two].map(({ requests }) => requests.filter(({ apiKey }) => apiKey === 3).length)
    const before = asked()
    for (let at = 0; at < 6; at++) await connections.metadata([])
    expect(asked().map((count, at) => count - (before[at] as number))).toEqual([3, 3])
  })

  it('that lose a look-up are not the end of it: the others are asked', async () => {
    const [one, two] = [await broker(), await broker()]
    const connections = await connected([one.address, two.address])
    one.onRequest = ({ socket }) => void socket.destroy()
    two.onRequest = (request) => coordinate(request, two)
    for (let at = 0; at < 4; at++) {
      expect(await connections.coordinator('transaction', 'tx')).toBe(1)
      connections.forgetCoordinator('transaction', 'tx')
    }
  })

  it('that say nothing hold a look-up up for a fifth of connectionTimeout: then the next one is asked as well', async () => {
    const [silent, other] = [await broker(), await broker()]
    const connections = await connected([silent.address, other.address], { connectionTimeout: 300 })
    silent.onRequest = () => undefined
    other.onRequest = (request) => coordinate(request, other)
    for (let at = 0; at < 2; at++) {
      expect(await connections.coordinator('transaction', 'tx')).toBe(1)
      connections.forgetCoordinator('transaction', 'tx')
    }
    expect(silent.requests.filter(({ apiKey }) => apiKey === 10).length).toBeGreaterThan(0)
  })

  it('that owe an answer to a look-up are not asked first again', async () => {
    const [silent, other] = [await broker(), await broker()]
    const connections = await connected([silent.address, other.address], { connectionTimeout: 300 })
    silent.onRequest = () => undefined
    other.onRequest = (request) => coordinate(request, other)
    for (let at = 0; at < 6; at++) {
      expect(await connections.coordinator('transaction', 'tx')).toBe(1)
      connections.forgetCoordinator('transaction', 'tx')
    }
    expect(silent.requests.filter(({ apiKey }) => apiKey === findCoordinator.key)).toHaveLength(1)
  })

  it('that the cluster does not know are said to be unknown', async () => {
    const fake = await broker()
    const connections = await connected([fake.address])
    const error = await failure(connections.call(9, endTxn, end))
    expect(error).toBeInstanceOf(RetriableError)
    expect(error.code).toBe('NODE_UNKNOWN')
  })

  it('coordinators are asked for once, and again when they are forgotten or cannot be reached', async () => {
    const fake = await broker()
    const connections = await connected([fake.address])
    let answered = 0
    fake.onRequest = (request) => {
      if (request.apiKey !== 10) return void request.socket.destroy()
      answered += 1
      coordinate(request, fake)
    }
    const ask = () => connections.coordinator('transaction', 'tx')
    expect([await ask(), await ask(), answered]).toEqual([1, 1, 1])
    connections.forgetCoordinator('transaction', 'tx')
    expect([await ask(), answered]).toEqual([1, 2])
    await failure(connections.call(1, endTxn, end))
    expect([await ask(), answered]).toEqual([1, 3])
  })

  function coordinate(request: FakeRequest, { port }: FakeBroker): void {
    request.answer((to) => {
      to.int32(0)
      to.array(['tx'], (key) => {
        to.string(key)
        to.int32(1)
        to.string('127.0.0.1')
        to.int32(port)
        to.int16(0)
        to.string(null)
        to.tags()
      })
      to.tags()
    })
  }

  it('an "any" call goes to whoever is connected already', async () => {
    const [fake, other] = [await broker(), await broker()]
    fake.advertised = other.advertised
    fake.onRequest = (request) => grant(request, 5)
    const connections = await connected([fake.address])
    expect((await connections.call('any', initProducerId, bare)).producerEpoch).toBe(5)
    expect(other.connections).toBe(0)
  })

  it('are connected to if the event loop was blocked for longer than that may take', async () => {
    const fake = await broker()
    const connecting = connected([fake.address], { connectionTimeout: 100 })
    process.nextTick(block, 1_000)
    await connecting
    expect(fake.connections).toBe(1)
  })

  it('an "any" call goes to whoever can be reached', async () => {
    const fake = await broker()
    const other = await broker()
    const connections = await connected([fake.address, other.address])
    other.onRequest = (request) => grant(request, 4)
    const [first] = fake.requests
    const gone = once(first?.socket as Socket, 'close')
    await brokers.shift()?.close()
    await gone
    // The first one may find out that the connection is gone.
    await Promise.allSettled([connections.call('any', initProducerId, bare)])
    expect((await connections.call('any', initProducerId, bare)).producerEpoch).toBe(4)
  })
})

describe('TLS', () => {
  const { cert: ca } = testCertificate

  it('connects to a broker whose certificate is from the given CA and has its name', async () => {
    const fake = await broker(testCertificate)
    fake.advertised = { host: 'localhost', port: fake.port }
    fake.onRequest = (request) => grant(request, 6)
    const connections = await connected([`localhost:${fake.port}`], { ssl: { ca } })
    expect((await connections.call(1, initProducerId, bare)).producerEpoch).toBe(6)
  })

  it.each([
    ['the CA is another one', 'localhost', true],
    ['the name is another one', '127.0.0.1', { ca }],
    ['the options make no sense', 'localhost', { ca, minVersion: 'TLSv9' as never }],
  ])('ends as Fatal where every broker says so again and again: %s', async (_, host, ssl) => {
    const [one, two] = [await broker(testCertificate), await broker(testCertificate)]
    const addresses = [one, two].map(({ port }) => `${host}:${port}`)
    const error = await failure(connected(addresses, { ssl, connectionTimeout: 300 }))
    expect(error).toBeInstanceOf(FatalError)
    expect(error.code).toBe('TLS_FAILED')
    for (const address of addresses) expect(error.message).toContain(`${address} (no secure connection: `)
  })

  it.each(['first', 'last'])(
    'goes on with the other brokers where the %s one has another certificate, and tells so',
    async (place) => {
      const [bad, good] = [await broker(testCertificate), await broker(testCertificate)]
      good.advertised = { host: 'localhost', port: good.port }
      good.onRequest = (request) => grant(request, 6)
      // Its certificate does not have this name.
      const [wrong, right] = [`127.0.0.1:${bad.port}`, `localhost:${good.port}`]
      const notices: Notice[] = []
      const cluster = kafkaCluster({ brokers: place === 'first' ? [wrong, right] : [right, wrong], ssl: { ca } })
      const connections = await cluster.connect('test', (notice) => void notices.push(notice))
      opened.push(connections)
      for (let refresh = 0; refresh < 3; refresh++) expect((await connections.metadata([])).brokers).toHaveLength(1)
      expect((await connections.call(1, initProducerId, bare)).producerEpoch).toBe(6)
      expect(notices).toMatchObject([{ type: 'broker-unusable', broker: wrong, error: { code: 'TLS_FAILED' } }])
    },
  )

  it('is not given up where one broker has another certificate and the others are away: they may be fine', async () => {
    const fake = await broker(testCertificate)
    const error = await failure(connected([`127.0.0.1:${fake.port}`, await deadAddress()], { ssl: { ca } }))
    expect(error).toBeInstanceOf(RetriableError)
    expect(error.code).toBe('BROKERS_UNREACHABLE')
    expect(error.message).toContain('no secure connection')
    expect(error.message).toContain('ECONNREFUSED')
  })

  it('refused by one broker later on is a connection that failed: the request was not sent, and others may be fine', async () => {
    const [fake, other] = [await broker(testCertificate), await broker(testCertificate)]
    fake.advertised = { host: '127.0.0.1', port: other.port }
    const connections = await connected([`localhost:${fake.port}`], { ssl: { ca } })
    const error = await failure(connections.call(1, initProducerId, bare))
    expect(error).toBeInstanceOf(RetriableError)
    expect(error.code).toBe('CONNECTION_FAILED')
    expect(error.message).toContain('no secure connection')
  })

  it('spoken to a broker without it gives up', async () => {
    const fake = await broker()
    const error = await failure(connected([fake.address], { ssl: true, connectionTimeout: 100 }))
    expect(error.code).toBe('BROKERS_UNREACHABLE')
  })
})

describe('SASL', () => {
  const sasl = { mechanism: 'plain', username: 'ada', password: 'hush' } as const

  /** Answers the login: with an error message, or with how long the session lasts (ms). */
  function login(verdict: string | number) {
    return (request: FakeRequest): void => {
      if (request.apiKey === 17) request.answer(mechanisms)
      else if (request.apiKey === 36) request.answer((to) => judge(to, verdict))
      else grant(request, 2)
    }
  }

  function mechanisms(to: Writer): void {
    to.int16(0)
    to.int32(1)
    to.shortString('PLAIN')
  }

  function judge(to: Writer, verdict: string | number): void {
    to.int16(typeof verdict === 'string' ? 58 : 0)
    if (typeof verdict === 'string') to.shortString(verdict)
    else to.int16(-1)
    to.int32(0)
    to.int64(typeof verdict === 'number' ? verdict : 0)
  }

  it('logs in on each connection before the first request', async () => {
    const fake = await broker()
    fake.onRequest = login(0)
    const connections = await connected([fake.address], { sasl })
    await connections.call(1, initProducerId, bare)
    await connections.call(1, initProducerId, bare)
    expect(fake.requests.map(({ apiKey }) => apiKey)).toEqual([17, 36, 3, 22, 22])
  })

  it('that is refused once may be granted a moment later: users and passwords spread broker by broker', async () => {
    const fake = await broker()
    fake.onRequest = (request) => login(fake.connections < 3 ? 'Invalid username or password' : 0)(request)
    const connections = await connected([fake.address], { sasl, connectionTimeout: 300 })
    expect((await connections.call(1, initProducerId, bare)).producerEpoch).toBe(2)
  })

  it('that is refused again and again ends as Fatal, and shows no password', async () => {
    const fake = await broker()
    fake.onRequest = login('Invalid username or password')
    const error = await failure(connected([fake.address], { sasl, connectionTimeout: 300 }))
    expect(error).toBeInstanceOf(FatalError)
    expect(error.code).toBe('AUTHENTICATION_FAILED')
    expect(error.message).toContain('Invalid username or password')
    expect(inspect(error, { depth: 9 })).not.toContain('hush')
    expect(fake.connections).toBe(3)
  })

  it.each([17, 36])(
    'with a broker that goes away in between (at request %i) is only a lost connection',
    async (last) => {
      const fake = await broker()
      fake.onRequest = (request) => (request.apiKey === last ? void request.socket.destroy() : login(0)(request))
      const error = await failure(connected([fake.address], { sasl }))
      expect(error.code).toBe('BROKERS_UNREACHABLE')
    },
  )

  it('with a broker that does not answer is given up', async () => {
    const fake = await broker()
    const error = await failure(connected([fake.address], { sasl, requestTimeout: 50 }))
    expect(error.message).toContain('did not answer the login within 50 ms')
  })

  it('is not given up if its answer has come while the event loop was blocked for longer than it may take', async () => {
    const fake = await broker()
    fake.onRequest = (request) => {
      login(0)(request)
      if (request.apiKey === 36) block(1_000)
    }
    const connections = await connected([fake.address], { sasl, requestTimeout: 100 })
    expect((await connections.call(1, initProducerId, bare)).producerEpoch).toBe(2)
  })

  it('with a token that cannot be had is no verdict', async () => {
    const fake = await broker()
    fake.onRequest = (request) =>
      request.answer((to) => {
        to.int16(0)
        to.int32(1)
        to.shortString('OAUTHBEARER')
      })
    const oauthBearerProvider = async () => Promise.reject(new Error('the token server is down'))
    const error = await failure(connected([fake.address], { sasl: { mechanism: 'oauthbearer', oauthBearerProvider } }))
    expect(error).toBeInstanceOf(RetriableError)
    expect(error.message).toContain('the token server is down')
  })

  it('is renewed before the session ends, and no request overtakes another meanwhile', async () => {
    const fake = await broker()
    // kafkajs renews 10 s before the end: 50 ms from now.
    fake.onRequest = login(10_050)
    const connections = await connected([fake.address], { sasl })
    await new Promise((resolve) => setTimeout(resolve, 100))
    const before = fake.requests.length
    await Promise.all(
      [0, 1, 2].map((transactionTimeout) => connections.call(1, initProducerId, { ...bare, transactionTimeout })),
    )
    const after = fake.requests.slice(before)
    expect(after.map(({ apiKey }) => apiKey)).toEqual([17, 36, 22, 22, 22])
    expect(after.slice(2).map(({ body }) => body.readInt32BE(1))).toEqual([0, 1, 2])
    expect(fake.connections).toBe(1)
  })
})

describe('the configuration', () => {
  it.each([
    ['no broker', { brokers: [] }, 'brokers'],
    ['a broker without a port', { brokers: ['kafka'] }, 'brokers[0]'],
    ['a broker with an impossible port', { brokers: ['kafka:9092', 'kafka:70000'] }, 'brokers[1]'],
    ['a broker with a scheme', { brokers: ['kafka://kafka:9092'] }, 'brokers[0]'],
    ['a timeout of nothing', { brokers: ['kafka:9092'], requestTimeout: 0 }, 'requestTimeout is 0'],
    ['a timeout that no timer takes', { brokers: ['kafka:9092'], connectionTimeout: 2 ** 31 }, 'connectionTimeout'],
    [
      'an IPv6 address without brackets',
      { brokers: ['::1:9092'] },
      'brokers[0] is not of the form host:port, or [address]:port',
    ],
    ['brackets around what is no IPv6 address', { brokers: ['[kafka]:9092'] }, 'brokers[0]'],
    ['brackets that do not end', { brokers: ['[::1:9092'] }, 'brokers[0]'],
    ['an empty client id', { brokers: ['kafka:9092'], clientId: '' }, 'clientId'],
  ])('is refused: %s', (_, config, names) => {
    expect(() => kafkaCluster(config)).toThrow(FatalError)
    expect(() => kafkaCluster(config)).toThrow(names)
  })

  it('takes IPv6 addresses in brackets', () => {
    const given = ['[::1]:9092', '[2001:db8::7]:65535']
    expect(kafkaCluster({ brokers: given }).brokers).toEqual(given)
  })

  it('never shows what is secret', () => {
    const sasl = { username: 'u', password: 'hush' } as never
    expect(() => kafkaCluster({ brokers: ['user:hush@kafka:9092'], sasl })).toThrow(
      /sasl is of type object, must be an object with a mechanism; brokers\[0\] is not of the form/,
    )
    expect(() => kafkaCluster({ brokers: ['user:hush@kafka:9092'], sasl })).not.toThrow(/hush/)
  })

  it('does nothing by itself', () => {
    expect(kafkaCluster({ brokers: ['kafka-broker1:9092', 'kafka-broker2:9092'] }).brokers).toEqual([
      'kafka-broker1:9092',
      'kafka-broker2:9092',
    ])
  })
})
