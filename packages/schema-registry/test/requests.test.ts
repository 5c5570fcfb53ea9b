import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { settle, virtualClock } from '../../../src/testing/virtualClock.ts'
import { rejectionOf, thrownBy } from '../../../tools/support/thrown.ts'
import { type SchemaRegistryOptions, schemaRegistry } from '../src/index.ts'
import { type FakeRegistry, fakeRegistry } from './fakeRegistry.ts'
import { read, written } from './through.ts'

const int = { type: 'int' }

/** Its pauses take no time, unless the test has a clock of its own. */
const impatient = {
  ...virtualClock(),
  setTimeout: (call: () => void, delay: number) => (delay < 5_000 ? setImmediate(call) : null),
}

function opened(fake: FakeRegistry, more: Partial<SchemaRegistryOptions> = {}) {
  return schemaRegistry({ url: fake.url, clock: impatient, ...more })
}

describe('a registry that does not answer', () => {
  it('is asked three times, and then the attempt ends, to be tried again', async () => {
    const fake = await fakeRegistry()
    const id = fake.add('s', JSON.stringify(int))
    fake.fail(2, 503)
    expect(await read(opened(fake).avro(), framedInt(id))).toBe(7)
    expect(fake.requests.length).toBe(3)
    for (const status of [500, 502, 429, 408]) {
      fake.fail(3, status)
      expect(await rejectionOf(read(opened(fake).avro(), framedInt(id)))).toMatchObject({
        code: 'REGISTRY_UNAVAILABLE',
        consequence: 'retriable',
        badRecord: false,
        message: `REGISTRY_UNAVAILABLE: the schema registry at ${fake.url} answers ${status}. Check that the registry is up and that its address is right. Nothing is lost: the job continues once the registry answers`,
      })
    }
  })

  it('because nobody is there', async () => {
    const { avro } = schemaRegistry({ url: 'http://127.0.0.1:9', clock: impatient })
    const error = await rejectionOf(written(avro({ subject: 's' }), 1))
    expect(error).toMatchObject({ code: 'REGISTRY_UNAVAILABLE', consequence: 'retriable' })
    expect(error.message).toContain('cannot be reached: ')
  })

  it('in time', async () => {
    const [fake, clock] = [await fakeRegistry(), virtualClock()]
    fake.fail(3, 'hang')
    const failing = rejectionOf(written(opened(fake, { clock, timeout: 1_000 }).avro({ subject: 's' }), 1))
    for (const [at, pause] of [200, 1_000, 0].entries()) {
      await until(() => fake.requests.length === at + 1)
      await clock.advanceAsync(999)
      expect(clock.timers).toBe(1)
      await clock.advanceAsync(1)
      await until(() => pause === 0 || clock.timers === 1)
      await clock.advanceAsync(pause)
    }
    expect((await failing).message).toContain('cannot be reached: no answer within 1000 ms')
    expect(clock.timers).toBe(0)
  })

  it('leaves no timer behind if it does', async () => {
    const [fake, clock] = [await fakeRegistry(), virtualClock()]
    fake.add('s', JSON.stringify(int))
    await written(opened(fake, { clock }).avro({ subject: 's' }), 1)
    expect(clock.timers).toBe(0)
  })
})

describe('a registry that refuses', () => {
  it.each([401, 403])('with %i ends the job', async (status) => {
    const fake = await fakeRegistry()
    fake.fail(1, status)
    expect(await rejectionOf(read(opened(fake).avro(), framedInt(1)))).toMatchObject({
      code: 'REGISTRY_DENIED',
      consequence: 'fatal',
      badRecord: false,
    })
    expect(fake.requests.length).toBe(1)
  })

  it('because it is none, or has another path, says so', async () => {
    const server = createServer((_, response) => response.end('<html>hello</html>'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { avro } = schemaRegistry({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` })
    expect(await rejectionOf(written(avro({ subject: 's' }), 1))).toMatchObject({
      code: 'REGISTRY_REFUSED',
      consequence: 'fatal',
      hint: expect.stringContaining('/apis/ccompat/v7'),
    })
  })

  it('a schema that is not compatible, in its own words', async () => {
    const fake = await fakeRegistry()
    fake.refuse('s')
    expect(
      await rejectionOf(written(opened(fake).avro({ subject: 's', schema: int, register: true }), 1)),
    ).toMatchObject({
      code: 'SCHEMA_INCOMPATIBLE',
      consequence: 'fatal',
      message: expect.stringContaining('Schema being registered is incompatible'),
    })
  })

  it('to follow it elsewhere: credentials are for this address', async () => {
    const fake = await fakeRegistry()
    fake.add('s', JSON.stringify(int))
    const server = createServer(({ url }, response) => response.writeHead(307, { location: `${fake.url}${url}` }).end())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const { avro } = schemaRegistry({ url: `http://127.0.0.1:${port}`, clock: impatient })
    expect(await rejectionOf(written(avro({ subject: 's' }), 1))).toMatchObject({ code: 'REGISTRY_UNAVAILABLE' })
    expect(fake.requests).toEqual([])
  })
})

describe('credentials', () => {
  const basic = `Basic ${Buffer.from('user:pass:ö').toString('base64')}`

  it.each<[string, Partial<SchemaRegistryOptions>, (url: string) => string, string | undefined]>([
    ['a user', { auth: { username: 'user', password: 'pass:ö' } }, (url) => url, basic],
    ['a user in the URL', {}, (url) => url.replace('//', '//user:pass%3A%C3%B6@'), basic],
    ['a token', { auth: { token: 'abc' } }, (url) => url, 'Bearer abc'],
    ['nobody', {}, (url) => url, undefined],
  ])('of %s are sent', async (_, more, urlOf, sent) => {
    const fake = await fakeRegistry()
    fake.add('s', JSON.stringify(int))
    await written(opened(fake, { ...more, url: urlOf(fake.url) }).avro({ subject: 's' }), 1)
    expect(fake.authorization()).toBe(sent)
  })

  it('are in no error', async () => {
    const fake = await fakeRegistry()
    for (const url of [
      fake.url.replace('//', '//user:secret@'),
      'http://user:secret@127.0.0.1:9',
      'ftp://user:secret@host',
      'http://user:secret@',
    ])
      for (const status of [401, 404, 500]) {
        fake.fail(3, status)
        const error = await rejectionOf((async () => written(opened(fake, { url }).avro({ subject: 's' }), 1))())
        fake.fail(0, 500)
        expect(inspected(error)).not.toContain('secret')
      }
  })
})

describe('schemaRegistry refuses', () => {
  it.each<[Partial<SchemaRegistryOptions>, string]>([
    [{ url: 'localhost:8081' }, 'url'],
    [{ url: '' }, 'url'],
    [{ timeout: 0 }, 'timeout is 0'],
    [{ timeout: Number.NaN }, 'timeout'],
    [{ maxSchemas: 0 }, 'maxSchemas'],
  ])('%o', (more, says) => {
    const error = thrownBy(() => schemaRegistry({ url: 'http://localhost', ...more }))
    expect(error).toMatchObject({ code: 'BAD_OPTION', consequence: 'fatal' })
    expect(error.message).toContain(says)
  })
})

function framedInt(id: number): Buffer {
  const bytes = Buffer.from('00000000000e', 'hex')
  bytes.writeUInt32BE(id, 1)
  return bytes
}

/** All of it: causes, too. */
function inspected(thrown: unknown): string {
  return thrown instanceof Error
    ? `${thrown.stack} ${JSON.stringify(thrown)} ${inspected(thrown.cause)}`
    : String(thrown)
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) {
    await settle()
    await new Promise(setImmediate)
  }
}
