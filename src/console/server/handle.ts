/** Answers of the page's server. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { reasonOf, type Steering } from '../subject.ts'
import type { Guard } from './guard.ts'
import type { PageFeed } from './pageFeed.ts'
import type { PageFile } from './pageFiles.ts'

export interface HandlerParts {
  readonly steering: Steering
  readonly files: ReadonlyMap<string, PageFile>
  readonly guard: Guard
  readonly feed: PageFeed
  /** Somebody has asked for the end of the job. Returns what takes that back. */
  stopping(): () => void
}

/** No script, style or picture from elsewhere or within the text, no frame around the page. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const headers = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const

/** Longest body of a request, bytes. */
const longestBody = 4_096

export function handler({ steering, files, guard, feed, stopping }: HandlerParts) {
  const actions: Readonly<Record<string, (body: unknown) => Promise<void>>> = {
    '/api/stop': async (body) => {
      if (steering.stop === undefined) throw new Error('this job cannot be stopped from here')
      const name = textIn(body, 'name')
      const takeBack = stopping()
      try {
        await steering.stop(name === '' ? undefined : name)
      } catch (refusal) {
        // What refuses the savepoint lets the job go on.
        takeBack()
        throw refusal
      }
    },
    '/api/savepoint': async (body) => {
      if (steering.savepoint === undefined) throw new Error('this job takes no savepoints from here')
      await steering.savepoint(textIn(body, 'name'))
    },
  }

  async function get(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const file = files.get(path)
    if (file !== undefined) return void response.setHeader('content-type', file.type).end(file.content)
    if (path !== '/api/session' && path !== '/api/events') return answer(response, 404)
    const known = guard.isKnown(request)
    // A refusal would be an error in the console of a browser that only asks.
    if (path === '/api/session') return answer(response, 200, { known })
    if (!known) return answer(response, 401)
    if (!feed.open(response)) answer(response, 503, { code: 'busy', what: 'too many pages are open' })
  }

  async function post(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const action = actions[path]
    if (path !== '/api/session' && action === undefined) return answer(response, 404)
    if (action !== undefined && !guard.isKnown(request)) return answer(response, 401)
    const body = await bodyOf(request)
    if (action === undefined) {
      const cookie = guard.admit(textIn(body, 'token'))
      if (cookie !== null) response.setHeader('set-cookie', cookie)
      return answer(response, 200, { known: cookie !== null })
    }
    try {
      await action(body)
      answer(response, 200, {})
    } catch (thrown) {
      answer(response, 409, reasonOf(thrown))
    }
  }

  return async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    const refused = guard.refusal(request)
    if (refused !== null) return answer(response, refused)
    const [path = '/'] = (request.url ?? '/').split('?')
    if (request.method === 'GET') return get(request, response, path)
    if (request.method === 'POST') return post(request, response, path).catch(() => answer(response, 400))
    answer(response, 405)
  }
}

function answer(response: ServerResponse, status: number, body?: unknown): void {
  response.statusCode = status
  if (body === undefined) return void response.end()
  response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk
    if (text.length > longestBody) throw new Error('the body is too long')
  }
  return text === '' ? {} : JSON.parse(text)
}

function textIn(body: unknown, name: string): string {
  const value = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined
  if (typeof value !== 'string') throw new Error(`${name} is no text`)
  return value
}
