import { execFile } from 'node:child_process'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { consolePage } from '../../src/console/consolePage.ts'
import { isLoopback } from '../../src/console/server/guard.ts'
import { mostPages } from '../../src/console/server/pageFeed.ts'
import { buildPage } from '../../tools/console/buildPage.ts'
import { graph, messages, node, reason, served, until, watched } from './watched.ts'

const token = 'a-secret-of-many-letters'

describe('the files of the page', () => {
  it('come with a policy that allows nothing from elsewhere and nothing inline', async () => {
    const page = await served(watched())
    const { status, headers, text } = await page.ask('GET', '/')
    expect(status).toBe(200)
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' })
    expect(text).not.toMatch(/<script[^>]*>[^<]|<style| style=| on\w+=/)
  })

  it('name no address of another host', async () => {
    const page = await served(watched())
    for (const path of ['/', '/app.js', '/app.css', '/icon.svg']) {
      const { status, text } = await page.ask('GET', path)
      expect(status).toBe(200)
      const named = [...text.matchAll(/https?:\/\/[\w.]+/g)].map(([address]) => address)
      expect(named.filter((address) => address !== 'http://www.w3.org')).toEqual([])
    }
  })

  it('are all that there is: any other path is not found', async () => {
    const page = await served(watched())
    for (const path of ['/package.json', '/../consolePage.js', '/api/events/x', '/api/__proto__', '/api/constructor'])
      expect((await page.ask('GET', path)).status).toBe(404)
    expect((await page.ask('POST', '/__proto__', page.own)).status).toBe(404)
    expect((await page.ask('PUT', '/api/stop', page.own)).status).toBe(405)
  })
})

describe('who may talk to a page without a token', () => {
  it('names this machine: a name that leads here by DNS rebinding is refused', async () => {
    const page = await served(watched())
    const { port } = new URL(page.url)
    for (const host of [
      `evil.example:${port}`,
      'evil.example',
      `127.0.0.1.evil.example:${port}`,
      '127.0.0.1@evil.example',
    ])
      expect((await page.ask('GET', '/api/session', { host })).status).toBe(403)
    // Another port: through a tunnel.
    for (const host of [`localhost:${port}`, '127.0.0.1:9999', `[::1]:${port}`])
      expect((await page.ask('GET', '/api/session', { host })).status).toBe(200)
  })

  it('is no page of another origin, whether it reads or acts', async () => {
    const it = watched()
    const page = await served(it)
    for (const origin of ['http://evil.example', 'null', `https://evil.example:${new URL(page.url).port}`]) {
      expect((await page.ask('GET', '/api/events', { origin })).status).toBe(403)
      expect((await page.ask('POST', '/api/stop', { ...page.own, origin }, '{"name":""}')).status).toBe(403)
    }
    expect(it.done).toEqual([])
  })

  it('needs an Origin and the header for what changes something, and no GET changes anything', async () => {
    const it = watched()
    const page = await served(it)
    const { origin, ...header } = page.own
    for (const headers of [{ origin }, header, {}])
      expect((await page.ask('POST', '/api/stop', headers, '{"name":""}')).status).toBe(403)
    expect((await page.ask('GET', '/api/stop', page.own)).status).toBe(404)
    expect(it.done).toEqual([])
    expect((await page.ask('POST', '/api/stop', page.own, '{"name":""}')).status).toBe(200)
    expect((await page.ask('POST', '/api/savepoint', page.own, '{"name":"v2"}')).status).toBe(200)
    expect(it.done).toEqual(['stop undefined', 'savepoint v2'])
  })

  it('is refused with wrong or endless bodies', async () => {
    const page = await served(watched())
    for (const body of ['{', '{"name":1}', '[]', 'null', JSON.stringify({ name: 'x'.repeat(5_000) })])
      expect((await page.ask('POST', '/api/savepoint', page.own, body)).status).toBeGreaterThanOrEqual(400)
  })
})

describe('a page with a token', () => {
  it('shows nothing of the job and does nothing without it', async () => {
    const it = watched()
    const page = await served(it, { token })
    expect((await page.ask('GET', '/')).status).toBe(200)
    expect((await page.ask('GET', '/api/events')).status).toBe(401)
    expect((await page.ask('POST', '/api/stop', page.own, '{"name":""}')).status).toBe(401)
    expect((await page.ask('GET', '/api/session')).text).toBe('{"known":false}')
    for (const wrong of ['', 'x', `${token}x`, token.slice(1)]) {
      const { headers, text } = await page.ask('POST', '/api/session', page.own, JSON.stringify({ token: wrong }))
      expect([text, headers['set-cookie']]).toEqual(['{"known":false}', undefined])
    }
    expect(it.done).toEqual([])
  })

  it('gives a cookie for it that no script and no other site can use, and that does not tell it', async () => {
    const it = watched()
    const page = await served(it, { token })
    const { headers } = await page.ask('POST', '/api/session', page.own, JSON.stringify({ token }))
    const [cookie = ''] = headers['set-cookie'] ?? []
    expect(cookie).toMatch(/^rxweft-console-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)
    expect(cookie).not.toContain(token)
    const [pair = ''] = cookie.split(';')
    expect((await page.ask('GET', '/api/session', { cookie: `other=1; ${pair}` })).text).toBe('{"known":true}')
    expect((await page.ask('POST', '/api/stop', { ...page.own, cookie: pair }, '{"name":""}')).status).toBe(200)
    for (const forged of [`${pair}x`, pair.slice(0, -1), `x${pair}`])
      expect((await page.ask('GET', '/api/events', { cookie: forged })).status).toBe(401)
    expect(it.done).toEqual(['stop undefined'])
  })

  it('keeps the cookie valid over a restart of the process', async () => {
    const first = await served(watched(), { token })
    const { headers } = await first.ask('POST', '/api/session', first.own, JSON.stringify({ token }))
    const [cookie = ''] = headers['set-cookie'] ?? []
    const port = Number(new URL(first.url).port)
    await first.close()
    const second = await served(watched(), { token, port })
    expect((await second.ask('GET', '/api/session', { cookie: cookie.split(';')[0] as string })).text).toContain('true')
  })

  it('may be asked for by any name, but by no other origin', async () => {
    const page = await served(watched(), { token })
    const host = 'jobs.example:4600'
    expect((await page.ask('GET', '/', { host })).status).toBe(200)
    expect((await page.ask('GET', '/', { host, origin: 'https://jobs.example:4600' })).status).toBe(200)
    expect((await page.ask('GET', '/', { host, origin: page.own.origin })).status).toBe(403)
  })
})

describe('consolePage', () => {
  const wrong = (options: object) => consolePage({} as never, options as never)

  it('refuses an address that other machines reach, unless there is a token', async () => {
    await expect(wrong({ port: 0, host: '0.0.0.0' })).rejects.toThrow(/BAD_OPTION.*so a token is needed/)
    await expect(wrong({ port: 0, host: '::' })).rejects.toThrow(/so a token is needed/)
    await expect(wrong({ port: 0, host: '127.0.0.1.evil.example' })).rejects.toThrow(/so a token is needed/)
    await expect(wrong({ port: 0, token: 'short' })).rejects.toThrow(/BAD_OPTION.*at least 16 characters/)
    await expect(wrong({ port: 0, token: 'short' })).rejects.not.toThrow(/"short"/)
    await expect(wrong({ prot: 1 })).rejects.toThrow(/port is missing/)
  })

  it('refuses what is no handle', async () => {
    await expect(wrong({ port: 0 })).rejects.toThrow(/BAD_OPTION: consolePage: the job is no handle/)
  })

  it('knows the names of this machine', () => {
    expect(['127.0.0.1', '127.9.9.9', '::1', 'localhost'].every(isLoopback)).toBe(true)
    const others = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).filter(({ internal }) => !internal))
    expect(others.map(({ address }) => address).filter(isLoopback)).toEqual([])
  })

  it('says that a port is taken, and leaves the job alone', async () => {
    const it = watched()
    const { url } = await served(it)
    await expect(served(watched(), { port: Number(new URL(url).port) })).rejects.toMatchObject({
      code: 'CONSOLE_NOT_LISTENING',
      consequence: 'retriable',
    })
  })

  it('does not keep a process alive, even while somebody looks', async () => {
    await buildPage()
    const program = join(import.meta.dirname, 'endsByItself.ts')
    const args = ['--conditions=rxweft-source', '--import', 'tsx', program]
    const { stdout } = await promisify(execFile)(process.execPath, args)
    expect(stdout).toBe('looking\nfinished\n')
  })
})

describe('the feed of a page', () => {
  it('begins with everything, then sends what changes', async () => {
    const it = watched()
    const page = await served(it)
    it.tell({ type: 'restored', checkpoint: 7 })
    const feed = messages(await page.open('GET', '/api/events'))
    const { value: first } = await feed.next()
    expect(Object.keys(first).sort()).toEqual(
      ['aside', 'boot', 'checkpoints', 'figures', 'graph', 'incidents', 'job', 'marbles', 'now'].sort(),
    )
    expect(first.job.status.state).toBe('running')
    it.tell({ type: 'restarting', error: reason('SINK_DOWN'), delay: 1_000 })
    const changed = await until(feed, ({ incidents }) => incidents !== undefined)
    expect(changed.incidents?.[0]).toMatchObject({ kind: 'restart', reason: { code: 'SINK_DOWN' }, resumed: null })
    expect(changed.graph).toBeUndefined()
  })

  it('keeps nothing for a reader that does not read: it gets the newest once it can', async () => {
    const it = watched()
    const page = await served(it)
    const answer = await page.open('GET', '/api/events')
    answer.pause()
    const big = 'x'.repeat(20_000)
    // Many times what sockets take, with turns in between in which the server may write.
    for (let number = 1; number <= 2_000; number++) {
      it.tell({ type: 'restarting', error: { ...reason(`NO_${number}`), hint: big }, delay: 0 })
      if (number % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 2))
    }
    let received = 0
    for await (const { incidents } of messages(answer)) {
      received += 1
      if (incidents?.at(-1)?.reason.code === 'NO_2000') break
    }
    expect(received).toBeLessThan(20)
  })

  it('reads metrics only while somebody looks', async () => {
    const it = watched()
    const page = await served(it)
    it.tell({ type: 'restored', checkpoint: 1 })
    await page.ask('GET', '/')
    expect(it.reads).toBe(0)
    const answer = await page.open('GET', '/api/events')
    const feed = messages(answer)
    await until(feed, ({ figures }) => (figures?.at ?? 0) > 0)
    const second = await page.open('GET', '/api/events')
    await messages(second).next()
    second.destroy()
    answer.destroy()
    // The server learns of it by the closed connection.
    const closed = it.reads
    await new Promise((resolve) => setTimeout(resolve, 1_200))
    expect(it.reads - closed).toBeLessThanOrEqual(1)
  })

  it('has a limit for pages', async () => {
    const page = await served(watched())
    const open = await Promise.all(Array.from({ length: mostPages }, () => page.open('GET', '/api/events')))
    expect(open.map(({ statusCode }) => statusCode)).toEqual(Array(mostPages).fill(200))
    expect((await page.ask('GET', '/api/events')).status).toBe(503)
    open[0]?.destroy()
    await expect.poll(async () => (await page.open('GET', '/api/events')).statusCode).toBe(200)
  })

  it('holds any name as data: it ends neither a line nor a message', async () => {
    const evil = '</script><img src=x onerror=alert(1)>\n\ndata: {"boot":"x"}\n\n\u2028'
    const it = watched({
      name: evil,
      graph: { ...graph, nodes: [{ ...node, name: evil, role: 'sink', kind: 'sink' }], edges: [] },
    })
    const page = await served(it)
    const feed = messages(await page.open('GET', '/api/events'))
    const { value } = await feed.next()
    expect([value.job.name, value.graph.nodes[0].name]).toEqual([evil, evil])
    expect((await page.ask('GET', '/')).text).not.toContain('onerror')
  })

  it('tells why a savepoint was refused, and goes on', async () => {
    const it = watched({
      savepoint: async () => {
        throw new Error('there is one')
      },
    })
    const page = await served(it)
    const { status, text } = await page.ask('POST', '/api/savepoint', page.own, '{"name":"a"}')
    expect([status, JSON.parse(text).what]).toEqual([409, 'there is one'])
  })

  it('shows that the job stops, and no longer so if the stop was refused', async () => {
    const it = watched({
      stop: async () => {
        throw new Error('there is a savepoint of this name')
      },
    })
    const page = await served(it)
    it.tell({ type: 'restored', checkpoint: 1 })
    await page.ask('POST', '/api/stop', page.own, '{"name":"a"}')
    const { value } = await messages(await page.open('GET', '/api/events')).next()
    expect(value.job.status.state).toBe('running')
  })
})
