/** Something to watch, in the hands of a test; and a client of its page. */
import { type IncomingMessage, request } from 'node:http'
import { onTestFinished } from 'vitest'
import type { ConsoleOptions } from '../../src/console/consoleOptions.ts'
import { servePage } from '../../src/console/servePage.ts'
import { shownJob } from '../../src/console/shownJob.ts'
import type { Measure, Subject, WatchedEvent } from '../../src/console/subject.ts'
import type { Message, Reason } from '../../src/console/view.ts'
import type { JobGraph } from '../../src/job/graph/jobGraph.ts'
import { buildPage } from '../../tools/console/buildPage.ts'

export const node = { state: false, topics: [], eventTime: false, bounded: false, inMemory: false }

export const graph: JobGraph = {
  job: 'orders',
  nodes: [
    { ...node, name: 'in', role: 'source', kind: 'source' },
    { ...node, name: 'counts', role: 'operator', kind: 'scan', state: true },
    { ...node, name: 'out', role: 'sink', kind: 'sink' },
  ],
  edges: [
    { from: 'in', to: 'counts', side: false },
    { from: 'counts', to: 'out', side: false },
  ],
}

export const reason = (code: string): Reason => ({ code, what: 'it broke', where: '', hint: '' })

export interface Watched {
  readonly subject: Subject
  tell(event: WatchedEvent): void
  /** What its metrics are now. */
  values: readonly Measure[]
  /** How often they have been read. */
  reads: number
  readonly done: string[]
}

export function watched(parts: Partial<Subject> = {}): Watched {
  const listeners = new Set<(event: WatchedEvent) => void>()
  const it: Watched = {
    values: [],
    reads: 0,
    done: [],
    tell: (event) => listeners.forEach((listener) => void listener(event)),
    subject: {
      name: 'orders',
      graph,
      watch(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
      health: () => ({ ready: true, live: true, reasons: [] }),
      async metrics() {
        it.reads += 1
        return it.values
      },
      stop: async (name) => void it.done.push(`stop ${name}`),
      savepoint: async (name) => void it.done.push(`savepoint ${name}`),
      ...parts,
    },
  }
  return it
}

export async function served({ subject }: Watched, options: Partial<ConsoleOptions> = {}) {
  await buildPage()
  const page = await servePage(shownJob(subject), { port: 0, ...options })
  onTestFinished(() => page.close())
  const url = new URL(page.url)
  const host = url.host

  /** An answer's body is read only if asked for. */
  function open(method: string, path: string, headers: Record<string, string> = {}, body = '') {
    return new Promise<IncomingMessage>((resolve, reject) => {
      const asked = request(
        { host: url.hostname, port: url.port, method, path, headers: { host, ...headers } },
        resolve,
      )
      asked.on('error', reject)
      asked.end(body)
    })
  }

  async function ask(method: string, path: string, headers: Record<string, string> = {}, body = '') {
    const answer = await open(method, path, headers, body)
    let text = ''
    for await (const chunk of answer.setEncoding('utf8')) text += chunk
    return { status: answer.statusCode, headers: answer.headers, text }
  }

  return { ...page, host, open, ask, own: { origin: `http://${host}`, 'x-rxweft-console': '1' } }
}

/** The messages of a page's feed, one after the other. */
export async function* messages(answer: IncomingMessage): AsyncGenerator<Message> {
  let rest = ''
  for await (const chunk of answer.setEncoding('utf8')) {
    rest += chunk
    const blocks = rest.split('\n\n')
    rest = blocks.pop() as string
    for (const block of blocks) if (block.startsWith('data: ')) yield JSON.parse(block.slice('data: '.length))
  }
}

/** The first message that is as wanted. */
export async function until(feed: AsyncGenerator<Message>, wanted: (message: Message) => boolean): Promise<Message> {
  while (true) {
    const { value, done } = await feed.next()
    if (done) throw new Error('the feed has ended')
    if (wanted(value)) return value
  }
}
