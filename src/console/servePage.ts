/** The server of a page: what it watches, who may open it, what it sends. */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '../clock.ts'
import { RetriableError, toError } from '../errors.ts'
import type { ConsoleOptions } from './consoleOptions.ts'
import { guard } from './server/guard.ts'
import { handler } from './server/handle.ts'
import { pageFeed } from './server/pageFeed.ts'
import { pageFiles } from './server/pageFiles.ts'
import type { Part, Shown } from './shown.ts'
import type { Message } from './view.ts'

/** Page of a job, as returned by `consolePage`. */
export interface ConsolePage {
  /** Address of the page, such as http://127.0.0.1:4600/. */
  readonly url: string
  /** Closes the page and the connections of its readers; the job goes on. */
  close(): Promise<void>
}

/**
 * Rejects with Retriable CONSOLE_NOT_LISTENING if the port cannot be used.
 *
 * @throws CONSOLE_FILES_MISSING if the page has not been built
 */
export async function servePage(shown: Shown, options: ConsoleOptions): Promise<ConsolePage> {
  const { host = '127.0.0.1', port, token } = options
  const files = pageFiles()
  const boot = randomUUID()
  const now = (): number => systemClock.now()
  let reading: NodeJS.Timeout | null = null

  /** One at a time: a job with many threads may answer late. */
  async function read(): Promise<void> {
    const take = await shown.read()
    if (reading === null) return
    sender.changed(take())
    reading = setTimeout(read, shown.interval).unref()
  }

  function watched(whether: boolean): void {
    if (reading !== null) clearTimeout(reading)
    reading = whether ? setTimeout(read, 0).unref() : null
    if (!whether) shown.pause()
  }

  function message(changed: readonly Part[]): Message {
    return { boot, now: now(), ...Object.fromEntries(changed.map((part) => [part, shown.part(part)])) }
  }

  const sender = pageFeed({ all: shown.parts, message, watched })
  const unwatch = shown.watch(sender.changed)
  const stopping = (): (() => void) => {
    sender.changed(shown.stopping(true))
    return () => sender.changed(shown.stopping(false))
  }
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 })
  try {
    await listening(server, port, host)
  } catch (thrown) {
    unwatch()
    throw notListening(host, port, toError(thrown))
  }
  const bound = (server.address() as AddressInfo).port
  const handle = handler({
    steering: shown,
    files,
    feed: sender,
    stopping,
    guard: guard(token, `rxweft-console-${bound}`),
  })
  server.on('request', (request, response) => void handle(request, response))
  // A job that has ended lets its process end, whoever looks.
  server.unref()
  server.on('connection', (socket) => socket.unref())
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}/`,
    async close() {
      unwatch()
      sender.close()
      server.closeAllConnections()
      if (server.listening) await new Promise((closed) => server.close(closed))
    },
  }
}

async function listening(server: Server, port: number, host: string): Promise<void> {
  server.listen(port, host)
  await once(server, 'listening')
}

function notListening(host: string, port: number, cause: Error): RetriableError {
  return new RetriableError(
    'CONSOLE_NOT_LISTENING',
    `the page cannot listen on ${host}, port ${port}: ${cause.message}`,
    {
      cause,
      hint: 'Another program may use the port: choose another one, or 0 for any free one',
    },
  )
}
