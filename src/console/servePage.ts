/** The server of a page: what it watches, who may open it, what it sends. */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '../clock.ts'
import { RetriableError, toError } from '../errors.ts'
import { slot } from './model/marbleTrack.ts'
import { type Part, pageModel } from './model/pageModel.ts'
import { guard } from './server/guard.ts'
import { handler } from './server/handle.ts'
import { pageFeed } from './server/pageFeed.ts'
import { pageFiles } from './server/pageFiles.ts'
import type { Subject, WatchedEvent } from './subject.ts'
import type { Message } from './view.ts'

/** Options of `consolePage`. */
export interface ConsoleOptions {
  /** Number of the port to listen on; 0: any free one. */
  readonly port: number
  /** Address to listen on. Default '127.0.0.1'; one that other machines reach needs a `token`. */
  readonly host?: string | undefined
  /**
   * Secret of at least 16 characters that whoever opens the page must give. Default: none, so every
   * user of this machine may watch and stop the job.
   */
  readonly token?: string | undefined
}

/** Page of a job, as returned by `consolePage`. */
export interface ConsolePage {
  /** Address of the page, such as http://127.0.0.1:4600/. */
  readonly url: string
  /** Closes the page and the connections of its readers; the job goes on. */
  close(): Promise<void>
}

const parts: readonly Part[] = ['job', 'graph', 'figures', 'checkpoints', 'incidents', 'aside', 'marbles']

/**
 * Rejects with Retriable CONSOLE_NOT_LISTENING if the port cannot be used.
 *
 * @throws CONSOLE_FILES_MISSING if the page has not been built
 */
export async function servePage(subject: Subject, options: ConsoleOptions): Promise<ConsolePage> {
  const { host = '127.0.0.1', port, token } = options
  const files = pageFiles()
  const boot = randomUUID()
  const now = (): number => systemClock.now()
  const model = pageModel(subject, now())
  let reading: NodeJS.Timeout | null = null

  /** One at a time: a job with many threads may answer late. */
  async function read(): Promise<void> {
    const values = await subject.metrics().catch(() => [])
    if (reading === null) return
    sender.changed(model.read({ at: now(), values }))
    reading = setTimeout(read, slot).unref()
  }

  function watched(whether: boolean): void {
    if (reading !== null) clearTimeout(reading)
    reading = whether ? setTimeout(read, 0).unref() : null
    if (!whether) model.pause()
  }

  function message(changed: readonly Part[]): Message {
    return { boot, now: now(), ...Object.fromEntries(changed.map((part) => [part, model.part(part)])) }
  }

  const sender = pageFeed({ all: parts, message, watched })
  const tell = (event: WatchedEvent): void => sender.changed(model.tell(event, now()))
  const unwatch = subject.watch(tell)
  const askedToStop = (asked: boolean): void => {
    model.stopping(asked)
    sender.changed(['job'])
  }
  const stopping = (): (() => void) => {
    askedToStop(true)
    return () => askedToStop(false)
  }
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 })
  try {
    await listening(server, port, host)
  } catch (thrown) {
    unwatch()
    throw notListening(host, port, toError(thrown))
  }
  const bound = (server.address() as AddressInfo).port
  const handle = handler({ subject, files, feed: sender, stopping, guard: guard(token, `rxweft-console-${bound}`) })
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
